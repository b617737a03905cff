# The image of examples/container/read-only as a job for Nomad.
job "web" {
  datacenters = ["dc1"]
  type        = "service"

  # The next allocation is stopped when the one before it is healthy, as /readyz says.
  update {
    max_parallel     = 1
    health_check     = "checks"
    min_healthy_time = "5s"
    healthy_deadline = "2m"
    auto_revert      = true
  }

  group "web" {
    count = 2

    # Requests still come for a moment after the service was taken off the list.
    shutdown_delay = "5s"

    network {
      port "http" {
        to = 8080
      }
      port "probes" {
        to = 9000
      }
    }

    service {
      name     = "web"
      port     = "http"
      provider = "nomad"

      # The service `probes` is `sv serve`: an answer costs no process.
      check {
        name     = "ready"
        type     = "http"
        port     = "probes"
        path     = "/readyz"
        interval = "2s"
        timeout  = "2s"
      }

      # The supervisor itself. A service that dies is its business, not the cluster's.
      check {
        name     = "alive"
        type     = "http"
        port     = "probes"
        path     = "/livez"
        interval = "10s"
        timeout  = "2s"

        check_restart {
          limit = 3
          grace = "60s"
        }
      }
    }

    task "web" {
      driver = "docker"
      user   = "12345"

      # Has the services stopped, each for as long as its timeout-kill allows.
      kill_signal  = "SIGTERM"
      kill_timeout = "25s"

      config {
        image           = "registry.example/sv-read-only:0.1.0"
        ports           = ["http", "probes"]
        readonly_rootfs = true
        cap_drop        = ["all"]

        mount {
          type   = "tmpfs"
          target = "/run"

          tmpfs_options {
            size = 67108864
          }
        }
      }

      resources {
        cpu    = 100
        memory = 256
      }
    }
  }
}
