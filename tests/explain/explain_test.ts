/** What is said of a service, for each cause that an administrator meets. */
import { assert, assertEquals } from "@std/assert";
import { explain } from "../../lib/explain/explain.ts";
import type { Facts, RcFacts } from "../../lib/explain/facts.ts";
import { type State, STATES } from "../../lib/explain/states.ts";
import type { ServiceStatus } from "../../lib/servicedir/status.ts";

const NOW = 1_000_000_000_000_000n;
/** Returns the instant so many seconds ago. */
const ago = (seconds: number) => NOW - BigInt(Math.round(seconds * 1e9));

const UP: ServiceStatus = {
  stamp: ago(42),
  readyStamp: ago(42),
  pid: 123,
  waitStatus: 0,
  paused: false,
  finishing: false,
  wantUp: true,
  ready: false,
  finished: false,
};
const READY: ServiceStatus = { ...UP, readyStamp: ago(41.5), ready: true };
const DOWN: ServiceStatus = { ...UP, pid: 0, stamp: ago(300), wantUp: false, finished: true };
const DIED: ServiceStatus = { ...UP, pid: 0, stamp: ago(0.4), waitStatus: 1 << 8, finished: true };
const FINISHING: ServiceStatus = {
  ...DIED,
  pid: 124,
  stamp: ago(3),
  finishing: true,
  finished: false,
};

const NOTHING_KNOWN: Facts = {
  name: "web",
  now: NOW,
  supervision: { is: "sv" },
  status: undefined,
  downFile: false,
  notifying: { descriptor: 3, polled: false, command: undefined, closed: false },
  startFailure: undefined,
  deaths: [],
  starts: undefined,
  failed: false,
  stopping: undefined,
  polling: undefined,
  checkRunning: undefined,
  said: undefined,
  killTimeout: 0,
  downSignal: "TERM",
  finishTimeout: 5000,
  process: { stopped: false, uninterruptible: false },
  leftBehind: [],
  logTrouble: undefined,
  waitsFor: [],
  output: [],
};

/** Deaths at so many seconds ago. */
const deaths = (exitCode: number, ...times: number[]) =>
  times.map((time) => ({ stamp: ago(time), exitCode, signal: 0 }));
const killed = (signal: number, time: number) => ({
  stamp: ago(time),
  exitCode: 128 + signal,
  signal,
});
const polling = { pid: 123, state: "polling", tries: 12, lastFailure: "" } as const;
const said = { pid: 123, state: "running", status: "", extendedUntil: 0 } as const;
const silent = { descriptor: undefined, polled: false, command: undefined, closed: false };

const NEVER: ServiceStatus = { ...DOWN, paused: true };
const RC: RcFacts = { start: "sv start web", isChanging: true };
const crashing = { name: "db", state: "crashing", reason: "died 5 times" };
const chained = { name: "app", state: "waiting", reason: "" };
const slow = { name: "net", state: "starting", reason: "not ready for 3 s" };

const causes: Record<string, readonly [Partial<Facts>, State, reason: string, next: string]> = {
  "no such directory": [
    { supervision: { is: "missing", what: "there is no directory /run/service/web" } },
    "missing",
    "there is no directory /run/service/web",
    "look for a misspelt name; `sv list` prints those that there are",
  ],
  "misspelt name": [
    {
      supervision: {
        is: "missing",
        what: "there is no directory /run/service/wbe",
        nearest: "web",
      },
    },
    "missing",
    "there is no directory /run/service/wbe",
    "is web meant? `sv list` prints the names that there are",
  ],
  "no service directory": [
    {
      supervision: {
        is: "missing",
        what: "/run/service/web has no run, so it is no service directory",
        lacksRun: true,
      },
    },
    "missing",
    "/run/service/web has no run, so it is no service directory",
    "write web/run, or have `sv new` write such a directory",
  ],
  "never supervised": [
    { supervision: { is: "none", before: false, left: undefined } },
    "unsupervised",
    "no supervisor has run here yet",
    "`sv supervise web` supervises it; so does a scan of the directory that it is in (sv scan)",
  ],
  "supervisor and process gone": [
    { supervision: { is: "none", before: true, left: undefined } },
    "unsupervised",
    "its supervisor is gone, and so is its process",
    "`sv supervise web` supervises it; so does a scan of the directory that it is in (sv scan)",
  ],
  "the scan has not looked since": [
    {
      supervision: {
        is: "none",
        before: false,
        left: undefined,
        scan: { directory: "/run/service", runs: true },
      },
    },
    "unsupervised",
    "no supervisor has run here yet",
    "`sv scanctl -a /run/service` has the scan supervise it",
  ],
  "supervisor killed": [
    {
      supervision: {
        is: "none",
        before: true,
        left: 123,
        scan: { directory: "/run/service", runs: false },
      },
    },
    "abandoned",
    "its supervisor is gone, and process 123 of it still runs",
    "nothing restarts it now; a supervisor that is started takes the process over if sv had started " +
    "it; no scan runs on /run/service: `sv scan /run/service` supervises all services there, " +
    "`sv supervise web` this one alone",
  ],
  "permission denied": [
    { supervision: { is: "unreadable", why: "Permission denied" } },
    "unknown",
    "its state can't be read: Permission denied",
    "ask as root or as its owner, or have `sv perms` allow it",
  ],
  "two supervisors": [
    {
      status: READY,
      rival: { scan: "/run/service", holder: { pid: 812, command: "s6-supervise web" } },
    },
    "ready",
    "ready for 42 s, 500 ms after its start; process 812 (s6-supervise web) supervises it, so the scan " +
    "of /run/service can't",
    "`sv control -xd web` ends it and that supervisor; the scan starts it then",
  ],
  "two supervisors, and the service is down": [
    { status: DOWN, dir: "/srv/web", rival: { scan: "/run/service" } },
    "down",
    "down for 5 min, as it was told; its last life ended with exit code 0; another supervisor supervises it, so the scan of /run/service can't",
    "`sv start web` starts it; `sv control -xd /srv/web` ends it and that supervisor; the scan starts " +
    "it then",
  ],
  "no status yet": [{}, "unknown", "its supervisor has not written a status yet", ""],

  "ready": [{ status: READY }, "ready", "ready for 42 s, 500 ms after its start", ""],
  "ready, with words of its own": [
    { status: READY, said: { ...said, status: "serving 3 clients" } },
    "ready",
    "ready for 42 s, 500 ms after its start; it says: serving 3 clients",
    "",
  ],
  "ready, though normally down": [
    { status: READY, downFile: true },
    "ready",
    "ready for 42 s, 500 ms after its start; not started with its supervisor (file down)",
    "",
  ],
  "ready, started once": [
    { status: { ...READY, wantUp: false } },
    "ready",
    "ready for 42 s, 500 ms after its start; not started again when it ends",
    "",
  ],
  "reloading": [
    { status: READY, said: { ...said, state: "reloading" } },
    "reloading",
    "it reads its configuration again; ready for 42 s, 500 ms after its start",
    "it says when it has done so",
  ],

  "no notification-fd": [
    { status: UP, notifying: silent },
    "up",
    "up for 42 s: there is no notification-fd, so nothing tells whether it is ready",
    "",
  ],
  "notification-fd of no use": [
    {
      status: UP,
      notifying: silent,
      wrongFiles: ['invalid notification-fd: "three" is not an integer from 1 to 1048575'],
    },
    "up",
    "up for 42 s: its notification-fd is of no use, so nothing tells whether it is ready; " +
    'invalid notification-fd: "three" is not an integer from 1 to 1048575',
    "",
  ],
  "run writes a newline, but no notification-fd": [
    { status: UP, notifying: { ...silent, writesTo: 3 } },
    "up",
    "up for 42 s: there is no notification-fd, so nothing tells whether it is ready, though run " +
    "writes to descriptor 3",
    "if run says by that that it is ready: `echo 3 >web/notification-fd`, then `sv restart web`",
  ],
  "the newline goes to another descriptor": [
    { status: UP, notifying: { ...silent, descriptor: 3, writesTo: 4 } },
    "starting",
    "not ready for 42 s: no newline has come on descriptor 3 (notification-fd); run writes to " +
    "descriptor 4",
    "ready as soon as it comes",
  ],
  "READY=1 does not come": [
    { status: UP, notifying: { ...silent, descriptor: 3, command: "sv notify-fd-from-socket" } },
    "starting",
    "not ready for 42 s: it has not sent READY=1 to its $NOTIFY_SOCKET (sv notify-fd-from-socket)",
    "ready as soon as it comes",
  ],
  "no line matches": [
    { status: UP, notifying: { ...silent, descriptor: 3, command: "sv notifyonline" } },
    "starting",
    "not ready for 42 s: no line that it printed matches (sv notifyonline)",
    "ready as soon as it comes",
  ],
  "full disk": [
    { status: READY, isGone: true },
    "unknown",
    "process 123 does not exist any more, and supervise/status does not say so",
    "its supervisor is about to write it, or can't: is the disk full?",
  ],
  "timeout-kill of no use": [
    { status: READY, stopping: ago(12), wrongFiles: ['invalid timeout-kill: "5s" is no integer'] },
    "stopping",
    "told to go down by SIGTERM 12 s ago, and process 123 still runs; " +
    'invalid timeout-kill: "5s" is no integer',
    "it is waited for without end, as it has no timeout-kill; `sv kill web` kills it",
  ],
  "notifies, but no notification-fd": [
    { status: UP, notifying: { ...silent, command: "sv notifyoncheck" } },
    "stuck",
    "not ready for 42 s: run calls sv notifyoncheck, and there is no file notification-fd that " +
    "names its descriptor",
    "`echo 3 >web/notification-fd`, then `sv restart web`",
  ],
  "never notifies": [
    { status: UP },
    "starting",
    "not ready for 42 s: no newline has come on descriptor 3 (notification-fd)",
    "ready as soon as it comes; a daemon that can't write one is to be asked (sv help notifyoncheck)",
  ],
  "a helper notifies": [
    { status: UP, notifying: { ...silent, descriptor: 3, command: "sv notifyoncheck" } },
    "starting",
    "not ready for 42 s: no newline has come on descriptor 3 (notification-fd), where " +
    "sv notifyoncheck writes it",
    "ready as soon as it comes",
  ],
  "descriptor closed": [
    { status: UP, notifying: { ...silent, descriptor: 3, closed: true } },
    "stuck",
    "not ready for 42 s: it has closed descriptor 3 (notification-fd) without a newline",
    "it has no way left to say that it is ready; mend run, then `sv restart web`",
  ],
  "asked for the first time": [
    { status: { ...UP, stamp: ago(0.2) }, notifying: { ...silent, polled: true } },
    "starting",
    "not ready for 200 ms: it has not been asked yet",
    "asked at any moment",
  ],
  "bad check": [
    {
      status: UP,
      polling: { ...polling, lastFailure: "GET http://127.0.0.1:8080/health: connection refused" },
      deaths: deaths(1, 110, 78, 46),
    },
    "crashing",
    "not ready for 42 s: asked 12 times, GET http://127.0.0.1:8080/health: connection refused; " +
    "died 3 times, each time with exit code 1, last 46 s ago",
    "asked again in a moment",
  ],
  "hung check": [
    { status: UP, polling: { ...polling, tries: 0 }, checkRunning: 41_000 },
    "starting",
    "not ready for 42 s: check 1 has been running for 41 s",
    "asked again when that check has ended",
  ],
  "hung check after others": [
    {
      status: UP,
      polling: { ...polling, tries: 2, lastFailure: "exit code 1" },
      checkRunning: 3e4,
    },
    "starting",
    "not ready for 42 s: asked 2 times, exit code 1; check 3 has been running for 30 s",
    "asked again when that check has ended",
  ],
  "a check that can't be made": [
    {
      status: UP,
      notifying: { ...silent, polled: true },
      pollingFault: "data/sv/notifyoncheck: unknown option --htp",
    },
    "stuck",
    "not ready for 42 s: it is not asked, because of data/sv/notifyoncheck: unknown option --htp",
    "once that is mended, `sv restart web` starts it anew",
  ],
  "check gave up": [
    { status: UP, polling: { ...polling, state: "gave up", lastFailure: "no file /run/ready" } },
    "stuck",
    "not ready for 42 s: asked 12 times, no file /run/ready; asking has ended (gave up)",
    "it isn't asked again in this life; `sv restart web` starts it anew",
  ],
  "check timed out": [
    { status: UP, polling: { ...polling, state: "timed out", tries: 1 } },
    "stuck",
    "not ready for 42 s: asked 1 time; asking has ended (timed out)",
    "it isn't asked again in this life; `sv restart web` starts it anew",
  ],
  "wrong owner of the port": [
    {
      status: UP,
      polling: { ...polling, lastFailure: "port 80 is answered by nginx (process 99)" },
    },
    "starting",
    "not ready for 42 s: asked 12 times, port 80 is answered by nginx (process 99)",
    "asked again in a moment",
  ],
  "loading, as it says": [
    { status: UP, said: { ...said, state: "starting", status: "loading 3 of 9" } },
    "starting",
    "not ready for 42 s: no newline has come on descriptor 3 (notification-fd); " +
    "it says: loading 3 of 9",
    "ready as soon as it comes",
  ],

  "crash loop, just up": [
    { status: { ...UP, stamp: ago(0.1) }, deaths: deaths(1, 5, 4, 3.1, 2.1, 1.1) },
    "crashing",
    "not ready for 100 ms: no newline has come on descriptor 3 (notification-fd); " +
    "died 5 times, each time with exit code 1, last 1.1 s ago",
    "ready as soon as it comes; a daemon that can't write one is to be asked (sv help notifyoncheck)",
  ],
  "crash loop, just down": [
    { status: DIED, deaths: deaths(1, 4.4, 3.4, 2.4, 1.4, 0.4) },
    "crashing",
    "died 5 times, each time with exit code 1, last 400 ms ago",
    "started again in 600 ms; what it prints tells why: it is with what its supervisor prints",
  ],
  "crash loop that the tally is too short for": [
    { status: DIED, deaths: deaths(1, 2.4, 1.4, 0.4), starts: 517 },
    "crashing",
    "died 517 times, each time with exit code 1, last 400 ms ago",
    "started again in 600 ms; what it prints tells why: it is with what its supervisor prints",
  ],
  "different deaths": [
    { status: DIED, deaths: [...deaths(1, 2.4, 1.4), killed(11, 0.4)] },
    "crashing",
    "died 3 times, last by SIGSEGV, 400 ms ago",
    "started again in 600 ms; what it prints tells why: it is with what its supervisor prints",
  ],
  "died once": [
    { status: DIED, deaths: [killed(9, 0.4)] },
    "restarting",
    "died by SIGKILL, 400 ms ago",
    "started again in 600 ms",
  ],
  "died once, without a tally": [
    { status: DIED },
    "restarting",
    "down for 400 ms; its last life ended with exit code 1",
    "started again in 600 ms",
  ],
  "about to be started": [
    { status: { ...DIED, paused: true } },
    "restarting",
    "not started yet",
    "started at any moment",
  ],
  "a program that run starts is missing": [
    { status: { ...DIED, waitStatus: 127 << 8 }, deaths: deaths(127, 2.4, 1.4, 0.4) },
    "crashing",
    "died 3 times, each time with exit code 127 (run starts a program that was not found), last 400 ms ago",
    "started again in 600 ms; what it prints tells why: it is with what its supervisor prints",
  ],
  "a crash loop with a logger": [
    {
      status: DIED,
      deaths: deaths(1, 2.4, 1.4, 0.4),
      isLogged: true,
      lastWords: "cannot open /etc/web.conf",
    },
    "crashing",
    "died 3 times, each time with exit code 1, last 400 ms ago; " +
    "the last line in its log: cannot open /etc/web.conf",
    "started again in 600 ms",
  ],
  "a crash loop with a logger that is down": [
    { status: DIED, deaths: deaths(1, 2.4, 1.4, 0.4), isLogged: true },
    "crashing",
    "died 3 times, each time with exit code 1, last 400 ms ago",
    "started again in 600 ms; what it prints tells why: its logger has that",
  ],
  "a command that can't tell its supervisor": [
    {
      status: DIED,
      deaths: deaths(111, 2.4, 1.4, 0.4),
      notifying: { ...silent, command: "sv notifyoncheck" },
    },
    "crashing",
    "died 3 times, each time with exit code 111 (a system call failed, where a program of s6, execline " +
    "or sv ends so), last 400 ms ago; run calls sv notifyoncheck, and there is no file notification-fd",
    "started again in 600 ms; `echo 3 >web/notification-fd` says which descriptor it has",
  ],
  "out of memory": [
    { status: DIED, deaths: [killed(9, 2.4), killed(9, 1.4), killed(9, 0.4)] },
    "crashing",
    "died 3 times, each time by SIGKILL (out of memory? the kernel's log tells, dmesg), last 400 ms ago",
    "started again in 600 ms; what it prints tells why: it is with what its supervisor prints",
  ],
  "run ends": [
    { status: { ...DIED, waitStatus: 0 }, deaths: deaths(0, 2.4, 1.4, 0.4) },
    "crashing",
    "died 3 times, each time with exit code 0, last 400 ms ago",
    "started again in 600 ms; run has to stay for as long as the service is up: does it go into the " +
    "background?",
  ],
  "forks into the background": [
    {
      status: DIED,
      deaths: deaths(0, 2.4, 1.4, 0.4),
      leftBehind: [{ pid: 77, name: "nginx" }, { pid: 78, name: "nginx" }],
    },
    "crashing",
    "died 3 times, each time with exit code 0, last 400 ms ago; 2 processes of its last life " +
    "still run: nginx (77) and nginx (78)",
    "started again in 600 ms; run has to stay in the foreground: look for the daemon's option for that",
  ],
  "run can't be started": [
    {
      status: DIED,
      startFailure: { why: "/opt/x: no such interpreter (#! of run)", at: ago(10) },
    },
    "broken",
    "/opt/x: no such interpreter (#! of run)",
    "tried again in 50 s; once that is mended, `sv start web` starts it at once",
  ],
  "run can't be started, and is not tried again": [
    {
      status: DIED,
      startFailure: { why: "notification-fd and lock-fd are both 3", at: ago(10), isFinal: true },
    },
    "broken",
    "notification-fd and lock-fd are both 3",
    "once that is mended, `sv start web` starts it",
  ],
  "run can't be started, and need not": [
    { status: DOWN, startFailure: { why: "run is not executable", at: ago(10) } },
    "broken",
    "run is not executable",
    "once that is mended, `sv start web` starts it",
  ],
  "given up after deaths": [
    { status: { ...DOWN, stamp: ago(1) }, failed: true, deaths: deaths(3, 3, 2, 1) },
    "failed",
    "it was given up: finish said that it has failed for good (exit code 125); " +
    "died 3 times, each time with exit code 3, last 1 s ago",
    "it stays down; once the cause is mended, `sv start web` starts it",
  ],
  "permanent failure": [
    { status: { ...DOWN, waitStatus: 3 << 8 }, failed: true },
    "failed",
    "it was given up: finish said that it has failed for good (exit code 125); " +
    "its last life ended with exit code 3",
    "it stays down; once the cause is mended, `sv start web` starts it",
  ],
  "down": [
    { status: DOWN },
    "down",
    "down for 5 min, as it was told; its last life ended with exit code 0",
    "`sv start web` starts it",
  ],
  "down, one process left behind": [
    { status: { ...DOWN, waitStatus: 15 }, leftBehind: [{ pid: 77, name: "sleep" }] },
    "down",
    "down for 5 min, as it was told; its last life ended by SIGTERM; 1 process of its last life " +
    "still runs: sleep (77)",
    "`sv start web` starts it",
  ],
  "down from the start": [
    { status: { ...DOWN, paused: true }, downFile: true },
    "down",
    "not started yet; the file down keeps it from being started with its supervisor",
    "`sv start web` starts it",
  ],
  "dependency missing": [
    {
      status: { ...DOWN, paused: true },
      waitsFor: [
        { name: "db", state: "crashing", reason: "died 5 times, last with exit code 1, 1 s ago" },
      ],
    },
    "waiting",
    "it needs db, and db is crashing: died 5 times, last with exit code 1, 1 s ago",
    "sv rc starts it as soon as what it needs is ready",
  ],
  "a dependency of a dependency crash-looping": [
    { status: NEVER, rc: RC, waitsFor: [{ ...chained, cause: crashing }] },
    "waiting",
    "it needs app, which needs db, and db is crashing: died 5 times",
    "sv rc starts it as soon as what it needs is ready",
  ],
  "several dependencies, the first with the cause": [
    { status: NEVER, rc: RC, waitsFor: [{ ...chained, cause: crashing }, slow] },
    "waiting",
    "it needs app and net; app needs db, and db is crashing: died 5 times",
    "sv rc starts it as soon as what it needs is ready",
  ],
  "a dependency has failed, and sv rc has ended": [
    {
      status: NEVER,
      rc: { ...RC, isChanging: false, wanted: { direction: "up", since: ago(90) } },
      waitsFor: [{ name: "db", state: "failed", reason: "it was given up" }],
    },
    "blocked",
    "it needs db, and db has failed: it was given up; its start was ordered 1 min 30 s ago, and " +
    "that command has ended",
    "once that is mended, `sv start web` starts it with what it needs",
  ],
  "sv rc could not start it": [
    {
      status: NEVER,
      downFile: true,
      rc: {
        ...RC,
        isChanging: false,
        failure: { why: "it was not ready after 3000 milliseconds", at: ago(9) },
      },
    },
    "failed",
    "sv rc could not start it 9 s ago: it was not ready after 3000 milliseconds",
    "once the cause is mended, `sv start web` tries again",
  ],
  "sv rc could not start it, and its supervisor was told to": [
    {
      status: DIED,
      deaths: [killed(9, 0.4)],
      rc: { ...RC, isChanging: false, failure: { why: "it has died", at: ago(9) } },
    },
    "restarting",
    "died by SIGKILL, 400 ms ago",
    "started again in 600 ms",
  ],
  "given up after sv rc had started it": [
    { status: { ...DOWN, waitStatus: 3 << 8 }, failed: true, rc: { ...RC, isChanging: false } },
    "failed",
    "it was given up: finish said that it has failed for good (exit code 125); " +
    "its last life ended with exit code 3",
    "it stays down; once the cause is mended, `sv start web` starts it with what it needs",
  ],
  "sv rc keeps it down": [
    { status: NEVER, downFile: true, rc: { ...RC, isChanging: false } },
    "down",
    "not started yet",
    "`sv start web` starts it with what it needs",
  ],

  "slow finish": [
    { status: FINISHING },
    "restarting",
    "run ended with exit code 1 3 s ago, and finish (process 124) still runs",
    "finish is killed in 2 s (timeout-finish), then it is started again",
  ],
  "endless finish": [
    { status: { ...FINISHING, wantUp: false }, finishTimeout: 0 },
    "stopping",
    "run ended with exit code 1 3 s ago, and finish (process 124) still runs",
    "finish may take as long as it likes (timeout-finish of web is 0), then it is down",
  ],
  "TERM ignored": [
    { status: { ...READY, wantUp: false }, stopping: ago(12) },
    "stopping",
    "told to go down by SIGTERM 12 s ago, and process 123 still runs",
    "it is waited for without end, as it has no timeout-kill; `sv kill web` kills it",
  ],
  "TERM ignored, killed soon": [
    {
      status: { ...READY, wantUp: false },
      stopping: ago(12),
      killTimeout: 20_000,
      downSignal: "INT",
    },
    "stopping",
    "told to go down by SIGINT 12 s ago, and process 123 still runs",
    "killed in 8 s (timeout-kill)",
  ],
  "in a call of the kernel": [
    {
      status: { ...READY, wantUp: false },
      stopping: ago(12),
      killTimeout: 1000,
      process: { stopped: false, uninterruptible: true },
    },
    "stopping",
    "told to go down by SIGTERM 12 s ago, and process 123 still runs, in a call of the kernel " +
    "that no signal interrupts",
    "killed at any moment (timeout-kill)",
  ],
  "going down under s6": [
    { status: { ...READY, wantUp: false }, supervision: { is: "s6" } },
    "stopping",
    "it is not to be started again, and process 123 still runs",
    "it is waited for without end, as it has no timeout-kill; `sv kill web` kills it",
  ],
  "its log stands still": [
    { status: READY, logTrouble: { since: ago(12), reason: "no space left on device" } },
    "ready",
    "ready for 42 s, 500 ms after its start; " +
    "its log has stood still for 12 s: no space left on device",
    "",
  ],
  "paused": [
    { status: { ...READY, paused: true } },
    "paused",
    "process 123 was stopped by `sv pause`",
    "`sv cont web` continues it",
  ],
  "stopped by somebody else": [
    { status: UP, process: { stopped: true, uninterruptible: false } },
    "paused",
    "process 123 is stopped, by a signal that its supervisor has not sent",
    "`sv cont web` continues it",
  ],
};

for (const [cause, [facts, state, reason, next]] of Object.entries(causes)) {
  Deno.test(`explained: ${cause}`, () => {
    assertEquals(explain({ ...NOTHING_KNOWN, ...facts }), { state, reason, next });
  });
}

Deno.test("each state is the explanation of a cause", () => {
  // Only a bundle is partly up: tests/explain/explain_bundle_test.ts.
  const explained = new Set([...Object.values(causes).map(([, state]) => state), "partial"]);
  assertEquals(Object.keys(STATES).filter((state) => !explained.has(state as State)), []);
  assert(Object.keys(causes).length >= 30);
});
