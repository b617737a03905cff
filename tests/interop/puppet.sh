# A service that carries out orders. A run or finish script becomes a puppet with one line:
#
#     . ../puppet.sh
#
# It writes to ../said that it has started and which signals it gets, and executes the shell commands
# that the steps send to ../run.orders (or ../finish.orders). It has no child process that could get a
# signal in its place.
#
# Where there are many services, $puppets is where `said` and the orders are, and $puppet its name.

: "${puppets=..}" "${puppet=${0##*/}}"
for signal in ALRM ABRT QUIT HUP TERM INT USR1 USR2 WINCH CONT VTALRM; do
  # shellcheck disable=SC2064
  trap "echo $puppet got $signal >'$puppets/said'" "$signal"
done

# With both ends open, a read neither waits for a writer nor sees the end of the file.
exec 4<>"$puppets/$puppet.orders"
echo "$puppet started" >"$puppets/said"
while [ -p "$puppets/said" ]; do
  # A trapped signal ends the read, with nothing read.
  read -r order <&4 && eval "$order"
done
