/** A field of a block of Nomad's job specification: the type of its value, or what a block in it has. */
export type NomadField =
  | "string"
  | "number"
  | "boolean"
  | "list"
  | { readonly labelled?: boolean; readonly fields: NomadBlock };

/** The fields of a block, by name. */
export interface NomadBlock {
  readonly [name: string]: NomadField;
}

/** Makes an entry for each of these names. */
function all<Field extends NomadField>(names: string, field: Field): Record<string, Field> {
  return Object.fromEntries(names.split(" ").map((name) => [name, field]));
}

const checkRestart: NomadField = {
  fields: { ...all("limit", "number"), ...all("grace", "string"), ignore_warnings: "boolean" },
};

const check: NomadField = {
  fields: {
    ...all("name type command path protocol port address_mode interval timeout", "string"),
    ...all("initial_status method task grpc_service on_update body", "string"),
    ...all("success_before_passing failures_before_critical", "number"),
    ...all("expose tls_skip_verify grpc_use_tls", "boolean"),
    args: "list",
    check_restart: checkRestart,
  },
};

const service: NomadField = {
  fields: {
    ...all("name port provider address_mode address task on_update cluster", "string"),
    ...all("tags canary_tags", "list"),
    enable_tag_override: "boolean",
    check_restart: checkRestart,
    check,
  },
};

const update: NomadField = {
  fields: {
    ...all("max_parallel canary", "number"),
    ...all("health_check min_healthy_time healthy_deadline progress_deadline stagger", "string"),
    ...all("auto_revert auto_promote", "boolean"),
  },
};

/** What the driver `docker` is configured by, as far as the example could use it. */
const dockerConfig: NomadField = {
  fields: {
    ...all("image command hostname ipc_mode network_mode pid_mode runtime work_dir", "string"),
    ...all("args cap_add cap_drop entrypoint ports security_opt volumes", "list"),
    ...all("init interactive privileged readonly_rootfs tty", "boolean"),
    ...all("memory_hard_limit pids_limit shm_size", "number"),
    mount: {
      fields: {
        ...all("type target source", "string"),
        readonly: "boolean",
        tmpfs_options: { fields: { size: "number" } },
      },
    },
  },
};

const task: NomadField = {
  labelled: true,
  fields: {
    ...all("driver user kill_timeout kill_signal shutdown_delay kind", "string"),
    leader: "boolean",
    config: dockerConfig,
    resources: { fields: all("cpu cores memory memory_max", "number") },
    service,
  },
};

const group: NomadField = {
  labelled: true,
  fields: {
    count: "number",
    shutdown_delay: "string",
    network: {
      fields: {
        ...all("mode hostname", "string"),
        port: {
          labelled: true,
          fields: { ...all("static to", "number"), host_network: "string" },
        },
      },
    },
    service,
    update,
    task,
  },
};

/** What a file with a job may have: the documented blocks and fields that an example could use. */
export const NOMAD: NomadBlock = {
  job: {
    labelled: true,
    fields: {
      ...all("type region namespace node_pool", "string"),
      priority: "number",
      datacenters: "list",
      update,
      group,
    },
  },
};
