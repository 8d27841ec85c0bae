/**
 * A very small way to describe and update a piece of page: `h` makes plain data, `patch` brings the page in line with it.
 *
 * Elements that stay are kept, so focus, typed text and a screen reader's place survive an update. `key` marks elements that must not be
 * mistaken for a neighbour. As `h` makes plain data, whatever is drawn can be tested without a browser.
 */

const SVG = "http://www.w3.org/2000/svg";

/** A described element. Children may be nested lists; null, false and "" are left out. */
export function h(tag, props, ...kids) {
  return { tag, props: props ?? {}, kids: kids.flat(Infinity).filter((kid) => kid !== null && kid !== undefined && kid !== false && kid !== "") };
}

function setProps(dom, props) {
  const before = dom.kbProps ?? {};
  for (const name of Object.keys(before)) if (!(name in props)) dom.removeAttribute(name);
  for (const [name, value] of Object.entries(props)) {
    if (name === "key" || before[name] === value) continue;
    if (value === null || value === undefined || value === false) dom.removeAttribute(name);
    else dom.setAttribute(name, value === true ? "" : String(value));
  }
  dom.kbProps = props;
}

function create(node, svg) {
  if (typeof node !== "object") return document.createTextNode(String(node));
  const inSvg = svg || node.tag === "svg";
  const dom = inSvg ? document.createElementNS(SVG, node.tag) : document.createElement(node.tag);
  setProps(dom, node.props);
  for (const kid of node.kids) dom.append(create(kid, inSvg));
  return dom;
}

function fits(dom, node) {
  if (typeof node !== "object") return dom.nodeType === 3;
  return dom.nodeType === 1 && dom.localName === node.tag && (dom.kbProps?.key ?? null) === (node.props.key ?? null);
}

function find(from, node) {
  for (let dom = from; dom; dom = dom.nextSibling) if (fits(dom, node)) return dom;
  return null;
}

/** Make the children of `parent` look like `kids`. Elements of `parent` that `h` did not make are replaced. */
export function patch(parent, kids, svg = false) {
  let here = parent.firstChild;
  for (const node of kids) {
    const keyed = typeof node === "object" && node.props.key !== undefined;
    const match = here && (fits(here, node) ? here : keyed ? find(here, node) : null);
    if (!match) {
      parent.insertBefore(create(node, svg), here);
      continue;
    }
    while (here !== match) {
      const gone = here;
      here = here.nextSibling;
      gone.remove();
    }
    if (typeof node === "object") {
      setProps(match, node.props);
      patch(match, node.kids, svg || node.tag === "svg");
    } else if (match.data !== String(node)) match.data = String(node);
    here = match.nextSibling;
  }
  while (here) {
    const gone = here;
    here = here.nextSibling;
    gone.remove();
  }
}
