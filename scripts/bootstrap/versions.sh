# The Deno that scripts/deno installs, and the oldest that it takes from PATH. With the oldest, the
# gate checks the types and runs the unit tests.
wanted=2.9.6
least=2.6.8
