# A service that does as it is told. A run or finish script becomes a puppet with one line:
#
#     . ../puppet.sh
#
# It says through ../said that it has started and which signals it gets, and executes the shell
# commands that the steps send to ../run.orders (or ../finish.orders). It has no child process, so
# a signal never meets anything else.
#
# Where there are many services, $puppets is where `said` and the orders are, and $puppet its name.

: "${puppets=..}" "${puppet=${0##*/}}"
for signal in ALRM ABRT QUIT HUP TERM INT USR1 USR2 WINCH CONT VTALRM; do
  # shellcheck disable=SC2064
  trap "echo $puppet got $signal >'$puppets/said'" "$signal"
done

# Both ends, so that reading neither waits for a writer nor ever sees the end of the file.
exec 4<>"$puppets/$puppet.orders"
echo "$puppet started" >"$puppets/said"
while [ -p "$puppets/said" ]; do
  # A trapped signal ends the read, with nothing read.
  read -r order <&4 && eval "$order"
done
