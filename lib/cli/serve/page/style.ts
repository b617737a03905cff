/** The style sheet of the page: dark or light as the reader's system is, wide and narrow. */
export const STYLE = String.raw`
:root {
  color-scheme: light dark;
  --back: #ffffff; --card: #f4f5f7; --text: #16191d; --dim: #59616b; --line: #d5d9de;
  --good: #146c2e; --busy: #8a5300; --bad: #b3121d; --off: #59616b; --focus: #0b57d0;
}
@media (prefers-color-scheme: dark) {
  :root {
    --back: #14171a; --card: #1e2226; --text: #e8eaed; --dim: #a3abb4; --line: #3a4047;
    --good: #6bd48b; --busy: #f0b44c; --bad: #ff8f88; --off: #a3abb4; --focus: #8ab4f8;
  }
}
* { box-sizing: border-box; }
[hidden] { display: none !important; }
html { background: var(--back); color: var(--text); font: 15px/1.45 system-ui, sans-serif; }
body { margin: 0 auto; max-width: 84rem; padding: 1rem 1.25rem 3rem; }
header { display: flex; flex-wrap: wrap; gap: .5rem 1.5rem; align-items: center; margin-bottom: 1rem; }
h1 { font-size: 1.2rem; margin: 0; }
h2 { font-size: 1.05rem; margin: 2rem 0 .6rem; }
#summary { margin: 0; flex: 1 1 16rem; }
#link { color: var(--dim); margin: 0; }
label { color: var(--dim); }
input {
  font: inherit; color: inherit; background: var(--back); border: 1px solid var(--dim);
  border-radius: 4px; padding: .3rem .5rem; width: 12rem; max-width: 100%;
}
button {
  font: inherit; color: inherit; background: var(--card); border: 1px solid var(--dim);
  border-radius: 4px; padding: .3rem .7rem; min-height: 2rem; cursor: pointer;
}
button:hover { border-color: var(--text); }
:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; }
.skip { position: absolute; left: -99rem; }
.skip:focus { left: 1rem; top: .5rem; background: var(--back); padding: .5rem; z-index: 1; }
a { color: var(--focus); }
table { border-collapse: collapse; width: 100%; }
th { text-align: left; font-weight: 600; color: var(--dim); }
th, td { padding: .35rem .7rem .35rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
td.number, th.number { text-align: right; white-space: nowrap; padding-right: 1.4rem; }
td.name button {
  border: 0; background: none; padding: 0; min-height: 1.6rem; font-weight: 600; text-align: left;
  text-decoration: underline; text-decoration-color: var(--line); text-underline-offset: 3px;
  overflow-wrap: anywhere;
}
td.name button[aria-expanded="true"] { text-decoration-color: currentColor; }
td.why { overflow-wrap: anywhere; color: var(--dim); width: 50%; }
.state { white-space: nowrap; font-weight: 600; }
.state::before { content: "●"; margin-right: .4em; }
.good { color: var(--good); } .busy { color: var(--busy); } .bad { color: var(--bad); } .off { color: var(--off); }
.state.busy::before { content: "◐"; } .state.bad::before { content: "▲"; } .state.off::before { content: "○"; }
#details { background: var(--card); border: 1px solid var(--line); border-radius: 6px; padding: .8rem 1rem 1rem; margin-top: 1rem; }
#details h2 { margin: 0 0 .4rem; overflow-wrap: anywhere; }
#details p { margin: .2rem 0; overflow-wrap: anywhere; }
.actions { display: flex; flex-wrap: wrap; gap: .5rem; margin: .7rem 0; }
pre {
  margin: .4rem 0 0; padding: .6rem; max-height: 22rem; overflow: auto; background: var(--back);
  border: 1px solid var(--line); border-radius: 4px; font: 13px/1.4 ui-monospace, monospace;
  white-space: pre-wrap; overflow-wrap: anywhere;
}
#startup { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .15rem .8rem; margin: 0; }
#startup dt { max-width: 14rem; overflow-wrap: anywhere; }
#startup dd { margin: 0; display: flex; align-items: center; min-width: 0; }
.bar { height: .8rem; min-width: 3px; border-radius: 2px; background: var(--good); flex: none; }
.bar.never { background: var(--busy); }
.bar.critical { background: var(--focus); }
.took { color: var(--dim); padding-left: .5rem; white-space: nowrap; font-size: .9em; }
#drawing { overflow-x: auto; }
svg text { fill: var(--text); font: 13px system-ui, sans-serif; }
svg rect { fill: var(--card); stroke: var(--off); stroke-width: 1.5; }
svg rect.good { stroke: var(--good); } svg rect.busy { stroke: var(--busy); } svg rect.bad { stroke: var(--bad); }
svg path { fill: none; stroke: var(--dim); }
@media (max-width: 40rem) {
  body { padding: .8rem .8rem 2rem; }
  thead { position: absolute; left: -99rem; }
  tr { display: grid; grid-template-columns: 1fr auto; border-bottom: 1px solid var(--line); padding: .4rem 0; }
  td { border: 0; padding: .1rem 0; }
  td.number { text-align: left; color: var(--dim); }
  td.number:empty { display: none; }
  td.number::before { content: attr(data-label) " "; }
  td.why { grid-column: 1 / -1; width: auto; }
  #startup { grid-template-columns: minmax(0, 1fr); }
  #startup dt { max-width: none; }
}
@media (forced-colors: active) { .bar { forced-color-adjust: none; } }
`;
