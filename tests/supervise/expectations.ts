/**
 * What the supervisor does on every input in every phase: written from the documentation of s6
 * (s6-supervise, s6-svc, servicedir), not from the code.
 *
 * Columns: inputs; phases; in which states; next phase (`.`: the same); what changes in the state
 * (`-`: nothing); the effects, in this order. In the table the service's pid is 7.
 *
 * @module
 */

/** One line of the table. */
export interface Expectation {
  readonly inputs: readonly string[];
  readonly phases: readonly string[];
  readonly when: string;
  readonly next: string;
  readonly changes: string;
  readonly effects: string;
}

const TABLE = `
timer         | down               | wanted    | .          | -                             | start
timer         | down               | unwanted  | .          | -                             | disarm
timer         | up lastUp          | always    | .          | paused=false                  | kill overdue 7; status; arm killAgain
timer         | finish lastFinish  | always    | .          | paused=false                  | warn; signal 18 to 7; signal 9 to 7; status; arm killAgain

started       | down               | always    | up         | pid=8 ready=false paused=false wasReady=false | disarm; stamp change; status, u
started       | up finish lastUp lastFinish | always | .    | -                             |
startFailed   | down               | for now   | .          | -                             | arm retry
startFailed   | down               | for good  | .          | -                             | disarm
startFailed   | up finish lastUp lastFinish | always | .    | -                             |

newline       | up lastUp          | not ready | .          | ready=true wasReady=true      | stamp ready; status, U; close notification
newline       | up lastUp          | ready     | .          | -                             | close notification
newline       | down finish lastFinish | always | .         | -                             |
N             | up lastUp          | not ready | .          | ready=true wasReady=true      | stamp ready; status, U
N             | up lastUp          | ready     | .          | -                             |
N             | down finish lastFinish | always | .         | -                             |
W             | up lastUp          | wanted, running     | . | -                             | abort silent 7
W             | up lastUp          | wanted, stopped     | . | -                             |
W             | up lastUp          | unwanted            | . | -                             |
W             | down finish lastFinish | always | .         | -                             |
E             | up lastUp          | unwanted            | . | -                             | extend kill 7
E             | up lastUp          | wanted              | . | -                             |
E             | down finish lastFinish | always | .         | -                             |
closed        | up lastUp          | always    | .          | -                             | close notification
closed        | down finish lastFinish | always | .         | -                             |

death         | down               | always    | .          | -                             |
death         | up lastUp          | exit 0    | .          | waitStatus=0 ready=false paused=false | disarm; stamp change; close notification; tally 0; finish 7 0
death         | up lastUp          | exit 125  | .          | waitStatus=32000 ready=false paused=false | disarm; stamp change; close notification; tally 32000; finish 7 32000
death         | up lastUp          | signal 15 | .          | waitStatus=15 ready=false paused=false | disarm; stamp change; close notification; tally 15; finish 7 15
finishStarted | up                 | always    | finish     | pid=8                         | status, d; arm finish
finishStarted | lastUp             | always    | lastFinish | pid=8                         | status, d; arm finish
finishStarted | down finish lastFinish | always | .         | -                             |
finishAbsent  | up                 | wanted    | down       | pid=0 ready=true              | stamp ready; status, dD; arm restart
finishAbsent  | up                 | unwanted  | down       | pid=0 ready=true              | stamp ready; status, dD; disarm
finishAbsent  | lastUp             | always    | down       | pid=0 ready=true              | stamp ready; status, dD; disarm; exit
finishAbsent  | down finish lastFinish | always | .         | -                             |
death         | finish             | exit 0, wanted      | down | pid=0 ready=true           | stamp ready; status, D; arm restart
death         | finish             | exit 0, unwanted    | down | pid=0 ready=true           | stamp ready; status, D; disarm
death         | finish             | signal 15, wanted   | down | pid=0 ready=true           | stamp ready; status, D; arm restart
death         | finish             | signal 15, unwanted | down | pid=0 ready=true           | stamp ready; status, D; disarm
death         | finish             | exit 125            | down | pid=0 ready=true wantUp=false | stamp ready; status, OD; disarm
death         | lastFinish         | exit 0              | down | pid=0 ready=true           | stamp ready; status, D; disarm; exit
death         | lastFinish         | signal 15           | down | pid=0 ready=true           | stamp ready; status, D; disarm; exit
death         | lastFinish         | exit 125            | down | pid=0 ready=true wantUp=false | stamp ready; status, OD; disarm; exit

TERM          | down               | always    | .          | -                             | exit
TERM          | up lastUp          | always    | lastUp     | wantUp=false paused=false     | signal down to 7; signal 18 to 7; status; arm kill
TERM          | finish             | always    | lastFinish | -                             | detach
TERM          | lastFinish         | always    | .          | -                             |
HUP x         | down               | always    | .          | -                             | exit
HUP x         | up                 | always    | lastUp     | -                             | detach
HUP x         | finish             | always    | lastFinish | -                             | detach
HUP x         | lastUp lastFinish  | always    | .          | -                             | detach
QUIT          | down up finish lastUp lastFinish | always | . | -                           | exit
INT           | down               | always    | .          | -                             | exit
INT           | up finish lastUp lastFinish | always | .    | -                             | signal 2 to group 7; exit

a             | up lastUp          | always    | .          | -                             | signal 14 to 7
b             | up lastUp          | always    | .          | -                             | signal 6 to 7
q             | up lastUp          | always    | .          | -                             | signal 3 to 7
h             | up lastUp          | always    | .          | -                             | signal 1 to 7
k             | up lastUp          | always    | .          | -                             | signal 9 to 7
t             | up lastUp          | always    | .          | -                             | signal 15 to 7
i             | up lastUp          | always    | .          | -                             | signal 2 to 7
1             | up lastUp          | always    | .          | -                             | signal 10 to 7
2             | up lastUp          | always    | .          | -                             | signal 12 to 7
p             | up lastUp          | always    | .          | paused=true                   | signal 19 to 7; status
c             | up lastUp          | always    | .          | paused=false                  | signal 18 to 7; status
y             | up lastUp          | always    | .          | -                             | signal 28 to 7
r             | up lastUp          | always    | .          | -                             | signal down to 7
l             | up lastUp          | always    | .          | -                             | signal reload to 7
P             | up lastUp          | always    | .          | paused=true                   | signal 19 to group 7; status
C             | up lastUp          | always    | .          | paused=false                  | signal 18 to group 7; status
K             | up lastUp          | always    | .          | -                             | signal 9 to group 7
a b q h k t i 1 2 p c y r l P C K | down finish lastFinish | always | . | -               |

o             | down               | always    | .          | wantUp=false                  | status; disarm; start
u             | down               | always    | .          | wantUp=true                   | status; disarm; start
U             | down               | always    | .          | wantUp=true                   | unmark down; status; disarm; start
d O           | down               | always    | .          | wantUp=false                  | status
D Q           | down               | always    | .          | wantUp=false                  | mark down; status
d             | up lastUp          | always    | .          | wantUp=false paused=false     | signal down to 7; signal 18 to 7; status; arm kill
D             | up lastUp          | always    | .          | wantUp=false paused=false     | mark down; signal down to 7; signal 18 to 7; status; arm kill
o O           | up finish lastUp lastFinish | always | .    | wantUp=false                  | status
d             | finish lastFinish  | always    | .          | wantUp=false                  | status
u             | up finish lastUp lastFinish | always | .    | wantUp=true                   | status
U             | up finish lastUp lastFinish | always | .    | wantUp=true                   | unmark down; status
D             | finish lastFinish  | always    | .          | wantUp=false                  | mark down; status
Q             | up finish lastUp lastFinish | always | .    | wantUp=false                  | mark down; status
`;

/** The lines of the table. */
export const expectations: readonly Expectation[] = TABLE.split("\n").filter((line) => line !== "")
  .map((line) => {
    const [inputs, phases, when, next, changes, effects] = line.split("|").map((cell) =>
      cell.trim()
    ) as [string, string, string, string, string, string];
    return { inputs: inputs.split(" "), phases: phases.split(" "), when, next, changes, effects };
  });
