"""How the page looks and what it does: style and script, both small and without any resource."""

from __future__ import annotations

from typing import Final

STYLE: Final = """
:root { color-scheme: light dark; --paper: #f4f1ea; --card: #fffdf8; --desk: #e9e4d9;
  --ink: #1f1c18; --soft: #70685c; --line: #ddd6c8; --red: #c23a20; --teal: #0b7285;
  --panel-box: #d6402a; --dialog-box: #0b8299; --who-light: 38%;
  --sans: ui-sans-serif, system-ui, "Segoe UI", Roboto, "Hiragino Sans", "Noto Sans CJK JP",
    sans-serif;
  --serif: ui-serif, "Iowan Old Style", "Palatino Linotype", "Noto Serif", Georgia,
    "Hiragino Mincho ProN", "Noto Serif CJK JP", serif;
  --mono: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; }
@media (prefers-color-scheme: dark) { :root { --paper: #151412; --card: #1e1c1a; --desk: #121110;
  --ink: #ece6da; --soft: #9d9587; --line: #37332d; --red: #ff7a5c; --teal: #4fc3d6;
  --who-light: 66%; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 1420px; padding: 2.2rem 1.6rem 4rem; background: var(--paper);
  color: var(--ink); font: 15px/1.5 var(--sans); }
h1, h2, p, ul, ol, figure { margin: 0; padding: 0; }
ul, ol { list-style: none; }
code { font: .82em var(--mono); color: var(--soft); overflow-wrap: anywhere; }
.top { display: flex; flex-wrap: wrap; justify-content: space-between; align-items: end;
  gap: 1rem 3rem; }
h1 { font: 600 2.5rem/1 var(--serif); letter-spacing: -.025em; }
.part { color: var(--soft); margin-top: .5rem; }
.facts { display: flex; flex-wrap: wrap; gap: .2rem 2rem; color: var(--soft); font-size: .87rem; }
.facts b { display: block; font: 600 1.5rem/1.2 var(--serif); color: var(--ink);
  font-variant-numeric: tabular-nums; }
nav { position: sticky; top: 0; z-index: 2; display: flex; flex-wrap: wrap; gap: .5rem 2rem;
  justify-content: space-between; margin: 1.4rem 0; padding: .7rem 0; background: var(--paper);
  border-block: 1px solid var(--line); font-size: .87rem; }
nav div { display: flex; flex-wrap: wrap; gap: .4rem .9rem; align-items: center; }
.series { max-height: 6.2rem; overflow: auto; }
button { font: inherit; color: inherit; background: none; border: 1px solid var(--line);
  border-radius: 99px; padding: .16rem .8rem; cursor: pointer; }
button small { color: var(--soft); font-variant-numeric: tabular-nums; }
button.on { background: var(--ink); border-color: var(--ink); color: var(--paper); }
button.on small { color: inherit; opacity: .7; }
.legend { color: var(--soft); }
.legend label { display: inline-flex; align-items: center; gap: .4rem; cursor: pointer; }
.legend input { margin: 0; accent-color: var(--red); }
.key { display: inline-grid; place-items: center; width: 1.15rem; height: 1.15rem;
  font: 600 .7rem var(--sans); }
.key.panel { background: var(--panel-box); border-radius: 50%; color: #fff; }
.key.dialog { border: 2px solid var(--dialog-box); border-radius: 5px; }
.key.character { border: 2px solid hsl(150 75% 38%); border-image: linear-gradient(90deg,
  hsl(280 75% 55%), hsl(150 75% 38%), hsl(40 90% 48%)) 1; }
.lines { display: inline-flex; align-items: center; gap: .4rem; }
.line { width: 1.5rem; border-top: 2px solid var(--soft); }
.line.proposed { border-top-style: dashed; }
.line.verified { margin-left: .5rem; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 10px;
  margin-bottom: 1.8rem; overflow: clip; }
.card[hidden] { display: none; }
.card > header { display: flex; flex-wrap: wrap; align-items: baseline; gap: .2rem .9rem;
  padding: .9rem 1.2rem; }
h2 { font: 600 1.25rem/1.2 var(--serif); }
.split { margin-left: auto; font-size: .74rem; letter-spacing: .09em; text-transform: uppercase;
  color: var(--soft); }
.body { display: grid; grid-template-columns: minmax(0, 1.65fr) minmax(280px, 1fr);
  border-block: 1px solid var(--line); }
.tall .body { grid-template-columns: minmax(0, 1fr) minmax(280px, 1fr); }
figure { background: var(--desk); padding: 1.2rem; }
.sheet { position: sticky; top: 4.6rem; aspect-ratio: var(--ratio); margin: 0 auto;
  box-shadow: 0 1px 3px #0003, 0 8px 26px #00000026; }
.tall .sheet { max-width: 520px; }
.sheet img, .sheet svg { position: absolute; inset: 0; width: 100%; height: 100%; }
svg rect { fill: transparent; stroke-width: 2; vector-effect: non-scaling-stroke; }
svg text { font-family: var(--sans); font-weight: 600; }
.panel > rect { stroke: var(--panel-box); pointer-events: none; }
.panel.uncertain > rect { stroke-dasharray: 7 5; }
.panel circle { fill: var(--panel-box); }
.panel text { fill: #fff; text-anchor: middle; }
.dialog rect { stroke: var(--dialog-box); fill: #0b829914; rx: 4px; }
.character rect { stroke: hsl(var(--hue) 78% 42%); fill: hsl(var(--hue) 78% 50% / .07); }
.character.proposed rect { stroke-dasharray: 6 4; }
.character rect.tag { fill: hsl(var(--hue) 78% 34%); stroke: none; }
.character text { fill: #fff; }
g.hot > rect:first-child { stroke-width: 4; fill: #f2b70440; }
.panels > li { display: grid; grid-template-columns: 1.6rem 1fr; gap: .7rem;
  padding: .5rem 1.2rem .55rem; border-bottom: 1px solid var(--line); }
.panels > li:last-child { border-bottom: 0; }
.panels li.hot { background: color-mix(in srgb, #f2b704 13%, transparent); }
.n { display: grid; place-items: center; width: 1.5rem; height: 1.5rem; border-radius: 50%;
  background: var(--panel-box); color: #fff; font-size: .78rem; }
.caption { font-size: .87rem; line-height: 1.4; color: var(--soft);
  flex-basis: 100%; }
.doubt { margin-left: .5rem; padding: 0 .4rem; border: 1px dashed var(--red); border-radius: 4px;
  color: var(--red); font-size: .74rem; }
.panels > li > div { display: flex; flex-wrap: wrap; gap: .1rem 1.1rem; align-items: baseline; }
.panels ul { display: flex; flex-wrap: wrap; gap: .1rem .9rem; }
.panels ul li { padding-left: .5rem; border-left: 2px solid var(--teal); line-height: 1.35;
  margin-block: .12rem; font-family: var(--serif); }
.silent { color: var(--soft); font-size: .88em; }
.cast { display: flex; flex-wrap: wrap; gap: .1rem .8rem; font-size: .8rem; }
.who { color: hsl(var(--hue) 62% var(--who-light)); }
.who::before { content: ""; display: inline-block; width: .62em; height: .62em; margin-right: .35em;
  border: 2px solid; border-radius: 3px; }
.who.verified::before { background: currentcolor; }
.card > footer { padding: .7rem 1.2rem; font-size: .82rem; color: var(--soft); }
.card > footer b { color: var(--ink); font-weight: 600; }
.credits { color: var(--soft); font-size: .85rem; max-width: 80ch; }
.no-panels g.panels, .no-characters g.characters, .no-dialogs g.dialogs { display: none; }
@media (max-width: 900px) { .body, .tall .body { grid-template-columns: 1fr; }
  nav, .sheet { position: relative; top: 0; } }
@media print { nav { display: none; } .card { break-inside: avoid; } }
"""

SCRIPT: Final = """
const all = (query, root = document) => [...root.querySelectorAll(query)];
for (const button of all('button')) button.onclick = () => {
  for (const other of all('button')) other.classList.toggle('on', other === button);
  const show = button.dataset.show;
  for (const card of all('.card')) card.hidden = show !== '' && card.dataset.series !== show;
};
for (const box of all('input')) box.onchange = () =>
  document.body.classList.toggle('no-' + box.dataset.layer, !box.checked);
for (const card of all('.card')) card.onmouseover = (event) => {
  const part = event.target.closest('[data-part]')?.dataset.part;
  for (const each of all('[data-part]', card))
    each.classList.toggle('hot', each.dataset.part === part);
};
"""
