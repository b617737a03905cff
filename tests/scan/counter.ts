/** A `run` that writes numbered lines without end, a burst at a time; it goes on where it left off. */
export const COUNTER = `#!/bin/sh
count=$(cat count 2>/dev/null || echo 0)
trap 'ending=1' TERM
echo >&3
while [ -z "$ending" ]; do
  burst=
  for _ in 1 2 3 4 5 6 7 8 9 10; do
    count=$((count + 1))
    burst="$burst$count
"
  done
  printf %s "$burst"
  echo $count >count.new
  mv count.new count
done
exit 0
`;
