"""The look of the gallery: readable on a phone, on paper and without a mouse."""

STYLE = """\
:root { color-scheme: light; }
* { box-sizing: border-box; }
body {
  margin: 0 auto; max-width: 90rem; padding: 1rem;
  font: 1rem/1.5 system-ui, sans-serif; color: #1a1a1a; background: #fff;
}
h1 { line-height: 1.2; }
h2 { margin: 2.5rem 0 1rem; border-bottom: 2px solid #1a1a1a; line-height: 1.3; }
h3 { margin: 0 0 .5rem; font-size: 1.1rem; line-height: 1.3; }
a { color: #0b4fa8; }
:focus-visible { outline: 3px solid #c05000; outline-offset: 2px; }
.skip { position: absolute; left: -100rem; }
.skip:focus { left: 1rem; top: .5rem; background: #fff; padding: .5rem; }
nav ul { padding-left: 1.2rem; }
nav li { padding: .1rem 0; }
.cards {
  display: grid; gap: 1.5rem; align-items: start;
  grid-template-columns: repeat(auto-fill, minmax(min(34rem, 100%), 1fr));
}
article {
  border: 1px solid #bbb; border-radius: .4rem; padding: 1rem; min-width: 0;
  overflow-wrap: anywhere;
}
article:target { border-color: #c05000; }
article p { margin: .6rem 0; }
.picture { display: block; }
img { display: block; width: 100%; height: auto; background: #fff; }
.missing { padding: 2.5rem 1rem; text-align: center; background: #f0f0f0; color: #555; }
.scale { color: #8a1c1c; }
.links { list-style: none; display: flex; flex-wrap: wrap; gap: .3rem 1.2rem; padding: 0; }
.digest { color: #595959; font-size: .85rem; }
summary { cursor: pointer; padding: .3rem 0; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: .9rem; min-width: 30rem; }
th, td { text-align: left; vertical-align: top; padding: .3rem .6rem .3rem 0; }
tr { border-bottom: 1px solid #ddd; }
small { color: #595959; }
.reproduced { color: #14662b; }
.not-reproduced { color: #a01717; }
.inconclusive { color: #7a5200; }
.not-run { color: #595959; }
"""
