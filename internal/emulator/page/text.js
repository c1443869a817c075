// What the page shows of a text: the small part of markdown that both chat products draw. Built from nodes, so that
// nothing a bot sends can become part of the page.

export function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === 'class') node.className = value;
    else if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? '' : value);
  }
  node.append(...children.filter((c) => c !== null && c !== undefined));
  return node;
}

const inline = /\*\*(.+?)\*\*|\[([^\]\n]+)\]\(([^)\s]+)\)|<a href="([^"]+)">(.+?)<\/a>|<font color="(info|comment|warning)">(.+?)<\/font>/g;

function spans(text) {
  const out = [];
  let at = 0;
  for (const m of text.matchAll(inline)) {
    out.push(text.slice(at, m.index));
    if (m[1] !== undefined) out.push(element('strong', {}, m[1]));
    else if (m[6] !== undefined) out.push(element('span', { class: m[6] }, m[7]));
    else out.push(anchor(m[2] ?? m[5], m[3] ?? m[4]));
    at = m.index + m[0].length;
  }
  out.push(text.slice(at));
  return out;
}

function anchor(label, address) {
  if (!/^https?:\/\//.test(address)) return label;
  return element('a', { href: address, target: '_blank', rel: 'noopener noreferrer' }, label);
}

// rich turns text into lines, headings, quotes and list items.
export function rich(text) {
  const box = element('div', { class: 'rich' });
  for (const line of text.split('\n')) {
    const m = /^(#{1,6}|[-*]|\d+\.|>)\s+(.*)$/.exec(line);
    if (!m) box.append(element('p', {}, ...spans(line)));
    else if (m[1].startsWith('#')) box.append(element('p', { class: 'heading' }, ...spans(m[2])));
    else if (m[1] === '>') box.append(element('p', { class: 'quote' }, ...spans(m[2])));
    else box.append(element('p', { class: 'item', 'data-mark': /\d/.test(m[1]) ? m[1] : '•' }, ...spans(m[2])));
  }
  return box;
}

const shanghai = { timeZone: 'Asia/Shanghai', hour12: false };
const timeFormat = new Intl.DateTimeFormat('zh-CN', { ...shanghai, hour: '2-digit', minute: '2-digit' });
const dayFormat = new Intl.DateTimeFormat('zh-CN', { ...shanghai, month: 'long', day: 'numeric', weekday: 'short' });

export const timeOf = (at) => timeFormat.format(new Date(at));
export const dayOf = (at) => dayFormat.format(new Date(at));
