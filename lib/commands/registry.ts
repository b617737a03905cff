import {
  type CommandGroup,
  findAmong,
  namesOf,
  type RegisteredCommand,
} from "../cli/registered_command.ts";

/**
 * All subcommands, as `sv help` shows them. The folder of a command is the heading of its group.
 */
export const groups: readonly CommandGroup[] = [
  {
    heading: "Preparation",
    about: "write services, and check them before they run",
    commands: [
      {
        name: "new",
        summary: "write a service directory",
        load: async () => (await import("./preparation/new.ts")).newCommand,
      },
      {
        name: "lint",
        summary: "find what is wrong with services before they run",
        load: async () => (await import("./preparation/lint.ts")).lintCommand,
      },
      {
        name: "completion",
        summary: "let a shell complete command lines of sv",
        load: async () => (await import("./preparation/completion.ts")).completionCommand(commands),
      },
      {
        name: "boot",
        summary: "print what starts sv scan when the machine boots",
        load: async () => (await import("./preparation/boot.ts")).bootCommand,
      },
      {
        name: "unpack",
        summary: "lay sv out in a directory, for all users",
        load: async () => (await import("./preparation/unpack.ts")).unpackCommand,
      },
    ],
  },
  {
    heading: "Supervision",
    about: "start services, and keep them running",
    commands: [
      {
        name: "supervise",
        counterpart: "s6-supervise",
        summary: "supervise a service",
        load: async () => (await import("./supervision/supervise.ts")).superviseCommand,
      },
      {
        name: "scan",
        counterpart: "s6-svscan",
        summary: "supervise all services of a scan directory",
        load: async () => (await import("./supervision/scan.ts")).scanCommand,
      },
      {
        name: "svscanboot",
        counterpart: "s6-svscanboot",
        summary: "become a scan that logs its own output",
        load: async () => (await import("./supervision/svscanboot.ts")).svscanbootCommand,
      },
      {
        name: "usertree-maker",
        counterpart: "s6-usertree-maker",
        summary: "write a service that is a user's own scan",
        load: async () => (await import("./supervision/usertree_maker.ts")).usertreeMakerCommand,
      },
      {
        name: "usertree",
        summary: "become the scan of a user's own services",
        load: async () => (await import("./supervision/usertree.ts")).usertreeCommand,
      },
      {
        name: "scanctl",
        counterpart: "s6-svscanctl",
        summary: "control a running scan",
        load: async () => (await import("./supervision/scanctl.ts")).scanctlCommand,
      },
      {
        name: "serve",
        summary: "answer by HTTP how services are: probes, metrics, events",
        load: async () => (await import("./supervision/serve.ts")).serveCommand,
      },
      {
        name: "link",
        counterpart: "s6-svlink",
        summary: "add a service to a running scan",
        load: async () => (await import("./supervision/link.ts")).linkCommand,
      },
      {
        name: "unlink",
        counterpart: "s6-svunlink",
        summary: "take a service out of a running scan",
        load: async () => (await import("./supervision/unlink.ts")).unlinkCommand,
      },
      {
        name: "perms",
        counterpart: "s6-svperms",
        summary: "show or change who may do what with services",
        load: async () => (await import("./supervision/perms.ts")).permsCommand,
      },
    ],
  },
  {
    heading: "By name",
    about: "what is typed every day, as with runit's sv",
    commands: [
      {
        name: "status",
        summary: "tell how services are, and why",
        load: async () => (await import("./by_name/status.ts")).statusCommand,
      },
      {
        name: "watch",
        summary: "show how services are, live",
        load: async () => (await import("./by_name/watch.ts")).watchCommand,
      },
      {
        name: "ready",
        summary: "tell by the exit code whether services are ready",
        load: async () => (await import("./by_name/ready.ts")).readyCommand,
      },
      {
        name: "list",
        summary: "print the names of the services",
        load: async () => (await import("./by_name/list.ts")).listCommand,
      },
      {
        name: "start",
        summary: "start services, and wait until they are ready",
        load: async () => (await import("./by_name/start.ts")).startCommand,
      },
      {
        name: "stop",
        aliases: ["force-stop"],
        summary: "stop services, and wait until they are down",
        load: async () => (await import("./by_name/stop.ts")).stopCommand,
      },
      {
        name: "restart",
        aliases: ["try-restart", "force-restart"],
        summary: "stop services and start them again",
        load: async () => (await import("./by_name/restart.ts")).restartCommand,
      },
      {
        name: "reload",
        aliases: ["force-reload"],
        summary: "have services read their configuration again",
        load: async () => (await import("./by_name/reload.ts")).reloadCommand,
      },
      {
        name: "check",
        summary: "wait until services are in the state that is wanted",
        load: async () => (await import("./by_name/check.ts")).checkCommand,
      },
      {
        name: "up",
        aliases: ["down", "once"],
        summary: "say that services are to be up; sv down and sv once alike",
        load: async () => (await import("./by_name/up.ts")).upCommand,
      },
      {
        name: "hup",
        aliases: ["alarm", "interrupt", "quit", "1", "2", "term", "kill", "pause", "cont"],
        summary: "send a signal; so do term, kill, pause, cont and others",
        load: async () => (await import("./by_name/hup.ts")).hupCommand,
      },
      {
        name: "shutdown",
        aliases: ["exit", "force-shutdown"],
        summary: "stop services and their supervisors",
        load: async () => (await import("./by_name/shutdown.ts")).shutdownCommand,
      },
    ],
  },
  {
    heading: "Services",
    about: "control them, see how they are, wait for them",
    commands: [
      {
        name: "control",
        counterpart: "s6-svc",
        aliases: ["svc"],
        summary: "send commands to supervisors, and wait for what they bring about",
        load: async () => (await import("./services/control.ts")).controlCommand,
      },
      {
        name: "stat",
        counterpart: "s6-svstat",
        summary: "print the state of services",
        load: async () => (await import("./services/stat.ts")).statCommand,
      },
      {
        name: "wait",
        counterpart: "s6-svwait",
        summary: "wait until services are in a state",
        load: async () => (await import("./services/wait.ts")).waitCommand,
      },
      {
        name: "listen",
        counterpart: "s6-svlisten",
        summary: "start a program, and wait until services are in a state",
        load: async () => (await import("./services/listen.ts")).listenCommand,
      },
      {
        name: "listen1",
        counterpart: "s6-svlisten1",
        summary: "start a program, and wait until a service is in a state",
        load: async () => (await import("./services/listen1.ts")).listen1Command,
      },
      {
        name: "ok",
        counterpart: "s6-svok",
        summary: "tell whether a service is supervised",
        load: async () => (await import("./services/ok.ts")).okCommand,
      },
      {
        name: "death-tally",
        counterpart: "s6-svdt",
        summary: "print when a service died, and of what",
        load: async () => (await import("./services/death_tally.ts")).deathTallyCommand,
      },
      {
        name: "clear-death-tally",
        counterpart: "s6-svdt-clear",
        summary: "make a service forget its deaths",
        load: async () => (await import("./services/clear_death_tally.ts")).clearDeathTallyCommand,
      },
    ],
  },
  {
    heading: "Instances",
    about: "several services from one template",
    commands: [
      {
        name: "instance create",
        counterpart: "s6-instance-create",
        summary: "add instances of a template to a running scan",
        load: async () => (await import("./instances/instance_create.ts")).instanceCreateCommand,
      },
      {
        name: "instance delete",
        counterpart: "s6-instance-delete",
        summary: "bring instances down, and remove them",
        load: async () => (await import("./instances/instance_delete.ts")).instanceDeleteCommand,
      },
      {
        name: "instance control",
        counterpart: "s6-instance-control",
        summary: "send commands to the supervisors of instances",
        load: async () => (await import("./instances/instance_control.ts")).instanceControlCommand,
      },
      {
        name: "instance status",
        counterpart: "s6-instance-status",
        summary: "print the state of instances",
        load: async () => (await import("./instances/instance_status.ts")).instanceStatusCommand,
      },
      {
        name: "instance list",
        counterpart: "s6-instance-list",
        summary: "print the names of instances",
        load: async () => (await import("./instances/instance_list.ts")).instanceListCommand,
      },
      {
        name: "instance maker",
        counterpart: "s6-instance-maker",
        summary: "write a service that has a scan of its own for instances",
        load: async () => (await import("./instances/instance_maker.ts")).instanceMakerCommand,
      },
    ],
  },
  {
    heading: "Events",
    about: "send them and wait for them, without services",
    commands: [
      {
        name: "event notify",
        counterpart: "s6-ftrig-notify",
        summary: "send events to a fifodir",
        load: async () => (await import("./events/event_notify.ts")).eventNotifyCommand,
      },
      {
        name: "event wait",
        counterpart: "s6-ftrig-wait",
        summary: "wait for events in a fifodir",
        load: async () => (await import("./events/event_wait.ts")).eventWaitCommand,
      },
      {
        name: "event listen",
        counterpart: "s6-ftrig-listen",
        summary: "start a program, and wait for events in fifodirs",
        load: async () => (await import("./events/event_listen.ts")).eventListenCommand,
      },
      {
        name: "event listen1",
        counterpart: "s6-ftrig-listen1",
        summary: "start a program, and wait for events in a fifodir",
        load: async () => (await import("./events/event_listen1.ts")).eventListen1Command,
      },
      {
        name: "event make",
        counterpart: "s6-mkfifodir",
        summary: "make a fifodir",
        load: async () => (await import("./events/event_make.ts")).eventMakeCommand,
      },
      {
        name: "event clean",
        counterpart: "s6-cleanfifodir",
        summary: "remove what dead listeners left in a fifodir",
        load: async () => (await import("./events/event_clean.ts")).eventCleanCommand,
      },
    ],
  },
  {
    heading: "Logs",
    about: "write them, and read them",
    commands: [
      {
        name: "log",
        counterpart: "s6-log",
        summary: "write lines to log directories that never fill the disk",
        load: async () => (await import("./logs/log.ts")).logCommand,
      },
      {
        name: "logs",
        summary: "print what services have logged, and follow it",
        load: async () => (await import("./logs/logs.ts")).logsCommand,
      },
      {
        name: "tai64n",
        counterpart: "s6-tai64n",
        summary: "put the time before each line",
        load: async () => (await import("./logs/tai64n.ts")).tai64nCommand,
      },
      {
        name: "tai64nlocal",
        counterpart: "s6-tai64nlocal",
        summary: "make the times before lines readable",
        load: async () => (await import("./logs/tai64nlocal.ts")).tai64nlocalCommand,
      },
    ],
  },
  {
    heading: "Run scripts",
    about: "programs for the scripts run and finish of a service",
    commands: [
      {
        name: "permafailon",
        counterpart: "s6-permafailon",
        summary: "give up a service that dies too often; for finish scripts",
        load: async () => (await import("./run_scripts/permafailon.ts")).permafailonCommand,
      },
      {
        name: "notifyoncheck",
        counterpart: "s6-notifyoncheck",
        summary: "poll a daemon until it is ready",
        load: async () => (await import("./run_scripts/notifyoncheck.ts")).notifyoncheckCommand,
      },
      {
        name: "notifywhenup",
        counterpart: "s6-notifywhenup",
        summary: "tell when a daemon says that it is ready",
        load: async () => (await import("./run_scripts/notifywhenup.ts")).notifywhenupCommand,
      },
      {
        name: "notify-fd-from-socket",
        counterpart: "s6-notify-fd-from-socket",
        summary: "tell when a daemon tells systemd that it is ready",
        load: async () =>
          (await import("./run_scripts/notify_fd_from_socket.ts")).notifyFdFromSocketCommand,
      },
      {
        name: "notify-socket-from-fd",
        counterpart: "s6-notify-socket-from-fd",
        summary: "tell systemd when a daemon tells that it is ready",
        load: async () =>
          (await import("./run_scripts/notify_socket_from_fd.ts")).notifySocketFromFdCommand,
      },
      {
        name: "notifyonline",
        summary: "take a line in a daemon's output for its readiness",
        load: async () => (await import("./run_scripts/notifyonline.ts")).notifyonlineCommand,
      },
      {
        name: "background-watch",
        counterpart: "s6-background-watch",
        summary: "stand in for a daemon that forks into the background",
        load: async () =>
          (await import("./run_scripts/background_watch.ts")).backgroundWatchCommand,
      },
      {
        name: "setlock",
        counterpart: "s6-setlock",
        summary: "run a program with a lock on a file",
        load: async () => (await import("./run_scripts/setlock.ts")).setlockCommand,
      },
      {
        name: "setuidgid",
        counterpart: "s6-setuidgid",
        summary: "run a program as another user",
        load: async () => (await import("./run_scripts/setuidgid.ts")).setuidgidCommand,
      },
      {
        name: "envuidgid",
        counterpart: "s6-envuidgid",
        summary: "run a program with a user's numbers in its environment",
        load: async () => (await import("./run_scripts/envuidgid.ts")).envuidgidCommand,
      },
      {
        name: "applyuidgid",
        counterpart: "s6-applyuidgid",
        summary: "run a program with other users and groups, by their numbers",
        load: async () => (await import("./run_scripts/applyuidgid.ts")).applyuidgidCommand,
      },
      {
        name: "envdir",
        counterpart: "s6-envdir",
        summary: "run a program with variables from the files of a directory",
        load: async () => (await import("./run_scripts/envdir.ts")).envdirCommand,
      },
      {
        name: "softlimit",
        counterpart: "s6-softlimit",
        summary: "run a program with other limits",
        load: async () => (await import("./run_scripts/softlimit.ts")).softlimitCommand,
      },
      {
        name: "setsid",
        counterpart: "s6-setsid",
        summary: "run a program in a new session or process group",
        load: async () => (await import("./run_scripts/setsid.ts")).setsidCommand,
      },
    ],
  },
  {
    heading: "Dependencies",
    about: "services that need each other",
    commands: [
      {
        name: "rc check",
        summary: "find everything that is wrong with service definitions",
        load: async () => (await import("./dependencies/rc_check.ts")).rcCheckCommand,
      },
      {
        name: "rc compile",
        counterpart: "s6-rc-compile",
        summary: "check service definitions, and store them for scripts that compile them",
        load: async () => (await import("./dependencies/rc_compile.ts")).rcCompileCommand,
      },
      {
        name: "rc init",
        counterpart: "s6-rc-init",
        summary: "make the live state of services that depend on each other",
        load: async () => (await import("./dependencies/rc_init.ts")).rcInitCommand,
      },
      {
        name: "rc start",
        counterpart: "s6-rc start",
        summary: "bring services up, with all that they depend on",
        load: async () => (await import("./dependencies/rc_start.ts")).rcStartCommand,
      },
      {
        name: "rc stop",
        counterpart: "s6-rc stop",
        summary: "bring services down, with all that depend on them",
        load: async () => (await import("./dependencies/rc_stop.ts")).rcStopCommand,
      },
      {
        name: "rc restart",
        summary: "stop services with what depends on them, and start again what was up",
        load: async () => (await import("./dependencies/rc_restart.ts")).rcRestartCommand,
      },
      {
        name: "rc status",
        summary: "tell how services are that depend on each other, and why",
        load: async () => (await import("./dependencies/rc_status.ts")).rcStatusCommand,
      },
      {
        name: "rc change",
        counterpart: "s6-rc change",
        summary: "bring services up or down, and the others the other way",
        load: async () => (await import("./dependencies/rc_change.ts")).rcChangeCommand,
      },
      {
        name: "rc list",
        counterpart: "s6-rc list",
        summary: "print services: those that are up, say",
        load: async () => (await import("./dependencies/rc_list.ts")).rcListCommand,
      },
      {
        name: "rc listall",
        counterpart: "s6-rc listall",
        summary: "print services with what they depend on",
        load: async () => (await import("./dependencies/rc_listall.ts")).rcListallCommand,
      },
      {
        name: "rc diff",
        counterpart: "s6-rc diff",
        summary: "print the longruns that are not as they were left",
        load: async () => (await import("./dependencies/rc_diff.ts")).rcDiffCommand,
      },
      {
        name: "rc reload",
        counterpart: "s6-rc reload",
        summary: "have services read their configuration again",
        load: async () => (await import("./dependencies/rc_reload.ts")).rcReloadCommand,
      },
      {
        name: "rc update",
        counterpart: "s6-rc-update",
        summary: "put new service definitions in force",
        load: async () => (await import("./dependencies/rc_update.ts")).rcUpdateCommand,
      },
      {
        name: "rc db",
        counterpart: "s6-rc-db",
        summary: "answer questions about service definitions",
        load: async () => (await import("./dependencies/rc_db.ts")).rcDbCommand,
      },
      {
        name: "rc graph",
        summary: "draw what depends on what",
        load: async () => (await import("./dependencies/rc_graph.ts")).rcGraphCommand,
      },
      {
        name: "rc plot",
        summary: "draw the last start, and say what made it long",
        load: async () => (await import("./dependencies/rc_plot.ts")).rcPlotCommand,
      },
      {
        name: "rc",
        counterpart: "s6-rc",
        summary: "all of these, with the command line of s6-rc",
        load: async () => (await import("./dependencies/rc.ts")).rcCommand,
      },
    ],
  },
];

/** All subcommands. */
export const commands: readonly RegisteredCommand[] = groups.flatMap(({ commands }) =>
  commands.map((command) => ({
    ...command,
    examples: async () => (await import("./examples.ts")).examples[command.name] ?? [],
  }))
);

/** Returns all names of all commands. */
export function allNames(): string[] {
  return commands.flatMap(namesOf);
}

/** Finds a command by its name, by another name, or by its counterpart's. */
export function findCommand(name: string): RegisteredCommand | undefined {
  return findAmong(commands, name);
}
