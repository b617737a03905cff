"""Counts visits: in redis how many there were, in postgresql each of them."""

import http.server
import os
import signal
import socket
import socketserver
import subprocess
import sys

DIRECTORY = os.environ["STACK_DIR"]


def redis(*words):
    """One command to redis, and the first line of its answer."""
    command = f"*{len(words)}\r\n" + "".join(f"${len(w)}\r\n{w}\r\n" for w in words)
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(f"{DIRECTORY}/redis.sock")
        connection.sendall(command.encode())
        return connection.recv(4096).decode().strip()


def postgresql(statement):
    """One statement to postgresql, and what it prints."""
    command = ["psql", "-qtA", "-h", DIRECTORY, "-U", "postgres", "-c", statement]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        postgresql("insert into visits (path) values ('/')")
        answer = f"visits: {redis('INCR', 'visits')[1:]}, "
        answer += f"rows: {postgresql('select count(*) from visits')}\n"
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer.encode())

    def address_string(self):
        return "nginx"


class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True


path = f"{DIRECTORY}/app.sock"
if os.path.exists(path):
    os.unlink(path)
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
server = Server(path, Handler)
os.chmod(path, 0o666)
# Both answer, or this program is not ready.
assert redis("PING") == "+PONG"
postgresql("select count(*) from visits")
os.write(3, b"\n")
os.close(3)
server.serve_forever()
