# The Deno that scripts/deno installs, and the oldest that it takes from PATH. With the oldest, the
# gate checks the types and runs the unit tests. 2.7.5 and older crash in them now and then: they may
# free the buffers of a call that is under way (denoland/deno#32775).
wanted=2.9.6
least=2.8.0
