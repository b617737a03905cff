/**
 * Returns a configuration of nginx that keeps everything in its own directory.
 *
 * @param listen Where it listens: the argument of `listen`.
 * @param answers What the server answers: directives.
 * @returns The text of `nginx.conf`.
 */
export function nginxConfiguration(listen: string, ...answers: readonly string[]): string {
  return `daemon off;
pid nginx.pid;
events {}
http {
  access_log off;
  client_body_temp_path temp;
  proxy_temp_path temp;
  fastcgi_temp_path temp;
  uwsgi_temp_path temp;
  scgi_temp_path temp;
  server {
    listen ${listen};
${answers.map((answer) => `    ${answer}\n`).join("")}  }
}
`;
}
