// The page: one column per person and platform, drawn from the control API, looked at again on every change event.
import { draw } from './card.js';
import { dayOf, element, rich, timeOf } from './text.js';

const people = JSON.parse(document.getElementById('roster').textContent) || [];
const platformNames = { dingtalk: '钉钉', wecom: '企业微信' };
const roleNames = { manager: '主管', rep: '销售', finance: '财务', admin: '管理员' };
const last = 200; // messages drawn of each chat
const quick = ['帮助', '今日', '我的客户'];
const root = document.getElementById('columns');
const tabs = document.getElementById('tabs');
const columns = new Map();

// ---- which columns are shown

const saved = JSON.parse(localStorage.getItem('lingke-columns') || 'null');
const asked = new URLSearchParams(location.search);
const shown = {
  people: new Set(asked.get('people')?.split(',') || known(saved?.people) || usual()),
  platforms: new Set(asked.get('platforms')?.split(',') || saved?.platforms || ['dingtalk', 'wecom']),
};

function known(ids) {
  const left = (ids || []).filter((id) => people.some((p) => p.id === id));
  return left.length ? left : null;
}

// usual is the manager and two reps, those with both accounts first.
function usual() {
  const accounts = (p) => (p.dingtalk ? 1 : 0) + (p.wecom ? 1 : 0);
  const reps = people.filter((p) => p.role !== 'manager').sort((a, b) => accounts(b) - accounts(a));
  return [...people.filter((p) => p.role === 'manager').slice(0, 1), ...reps.slice(0, 2)].map((p) => p.id);
}

function toggle(set, value) {
  if (set.has(value)) set.delete(value);
  else set.add(value);
  localStorage.setItem('lingke-columns', JSON.stringify({ people: [...shown.people], platforms: [...shown.platforms] }));
  layout();
}

function pickers() {
  const nav = document.getElementById('people');
  for (const p of people) {
    nav.append(element('button', {
      type: 'button', class: 'chip person', 'data-pick': p.id, title: `${p.team || ''} ${roleNames[p.role] || p.role}`,
      onclick: () => toggle(shown.people, p.id),
    }, p.name));
  }
  for (const b of document.querySelectorAll('[data-show]')) {
    b.addEventListener('click', () => toggle(shown.platforms, b.dataset.show));
  }
}

function layout() {
  const wanted = [];
  for (const p of people.filter((x) => shown.people.has(x.id))) {
    for (const platform of ['dingtalk', 'wecom']) {
      if (p[platform] && shown.platforms.has(platform)) wanted.push(column(p, platform));
    }
  }
  root.replaceChildren(...wanted.map((c) => c.node));
  tabs.replaceChildren(...wanted.map((c) => c.tab));
  for (const b of document.querySelectorAll('[data-pick]')) b.setAttribute('aria-pressed', shown.people.has(b.dataset.pick));
  for (const b of document.querySelectorAll('[data-show]')) b.setAttribute('aria-pressed', shown.platforms.has(b.dataset.show));
  document.getElementById('nobody').hidden = wanted.length > 0;
  wanted.forEach((c) => { toEnd(c); refresh(c); }); // moving a node forgets its scroll
  markTab();
}

// ---- one column

function column(person, platform) {
  const key = `${platform}-${person.id}`;
  if (!columns.has(key)) columns.set(key, build(key, person, platform));
  return columns.get(key);
}

function build(key, person, platform) {
  const c = { key, person, platform, chat: '', newest: undefined, drawn: new Map(), days: new Map(), again: false, busy: false };
  c.list = element('div', { class: 'messages', 'data-messages': true, tabindex: '0', role: 'log' });
  c.chats = element('nav', { class: 'chats', hidden: true });
  c.list.addEventListener('scroll', () => { if (nearEnd(c.list)) c.more.hidden = true; }, { passive: true });
  c.more = element('button', { type: 'button', class: 'more', 'data-more': true, hidden: true, onclick: () => toEnd(c) }, '↓ 有新消息');
  c.toast = element('div', { class: 'toast', 'data-toast': true, role: 'status', hidden: true });
  c.box = element('input', {
    type: 'text', 'data-box': true, autocomplete: 'off', enterkeyhint: 'send', 'aria-label': '消息', placeholder: '发消息给领客…',
  });
  const send = element('button', { type: 'submit', 'data-send': true, 'aria-label': '发送' }, '发送');
  c.quick = element('div', { class: 'quick' }, ...quick.map((q) => element('button', { type: 'button', 'data-quick': q, onclick: () => say(c, q) }, q)));
  if (platform === 'wecom') showMenu(c);
  const form = element('form', { class: 'box' }, c.box, send);
  form.addEventListener('submit', (event) => { event.preventDefault(); say(c, c.box.value); });
  const pick = element('input', { type: 'file', hidden: true, 'data-file': true });
  pick.addEventListener('change', () => { for (const file of pick.files) sendFile(c, file); pick.value = ''; });
  form.prepend(pick, element('button', { type: 'button', class: 'attach', 'data-attach': true, title: '发送文件（也可以拖进来）', 'aria-label': '发送文件', onclick: () => pick.click() }, '＋'));
  const role = [person.team, roleNames[person.role] || person.role].filter(Boolean).join(' · ');
  c.node = element('section', { class: `chat ${platform}`, id: `chat-${key}`, 'data-platform': platform, 'data-person': person.id },
    element('header', {}, avatar(person.name), element('div', { class: 'who' }, element('strong', {}, person.name), element('small', {}, role)),
      element('span', { class: 'app' }, platformNames[platform])),
    c.chats, c.list, c.toast,
    element('div', { class: 'below' }, c.more),
    c.quick, form);
  c.node.addEventListener('dragover', (event) => event.preventDefault());
  c.node.addEventListener('drop', (event) => { event.preventDefault(); for (const file of event.dataTransfer.files) sendFile(c, file); });
  c.tab = element('button', { type: 'button', class: `tab ${platform}`, 'data-tab': key, onclick: () => c.node.scrollIntoView({ inline: 'start' }) }, person.name);
  return c;
}

// showMenu puts the app's own menu in place of the usual words, once the app has made one. An entry with others below opens them.
async function showMenu(c) {
  try {
    const menu = await (await fetch('menu')).json();
    if (!menu.length) return;
    c.quick.replaceChildren(...menu.map((m) => (m.items ? element('details', { class: 'submenu' }, element('summary', {}, `☰ ${m.name}`),
      element('div', {}, ...m.items.map((i) => entry(c, i)))) : entry(c, m))));
  } catch {
    // without a menu the usual words stay
  }
}

function entry(c, item) {
  return element('button', {
    type: 'button', 'data-menu': item.key,
    onclick: async (event) => {
      event.currentTarget.closest('details')?.removeAttribute('open');
      report(c, await post('menu', { person: c.person.id, key: item.key }));
    },
  }, item.name);
}

function avatar(name) {
  let hue = 0;
  for (const ch of name) hue = (hue * 31 + ch.codePointAt(0)) % 360;
  const face = element('span', { class: 'avatar' }, [...name].slice(-2).join(''));
  face.style.background = `hsl(${hue} 45% 48%)`;
  return face;
}

// ---- messages

async function refresh(c) {
  if (c.busy) { c.again = true; return; }
  c.busy = true;
  try {
    const query = new URLSearchParams({ platform: c.platform, person: c.person.id, last });
    const answer = await fetch(`conversations?${query}`);
    if (answer.ok) show(c, await answer.json());
  } catch {
    // The event stream says when it is worth asking again.
  } finally {
    c.busy = false;
    if (c.again) { c.again = false; refresh(c); }
  }
}

function show(c, conversations) {
  const chat = conversations.find((x) => x.id === c.chat) || conversations[0];
  c.chat = chat.id;
  c.chats.hidden = conversations.length < 2;
  c.chats.replaceChildren(...conversations.map((x) => element('button', {
    type: 'button', 'data-conversation': x.id, 'aria-pressed': String(x.id === c.chat), onclick: () => { c.chat = x.id; c.newest = undefined; refresh(c); },
  }, x.title)));
  const follow = nearEnd(c.list);
  const before = c.newest;
  arrange(c.list, bubbles(c, chat));
  c.newest = chat.messages.at(-1)?.id;
  const fresh = c.newest !== before;
  if (follow || before === undefined) toEnd(c);
  else if (fresh && chat.messages.at(-1).from === c.person.id) toEnd(c);
  else if (fresh) c.more.hidden = false; // whoever reads or presses something further up is left in peace
}

// arrange makes nodes the children of list and moves none that stays, so that neither the place nor the focus is lost.
function arrange(list, nodes) {
  const keep = new Set(nodes);
  for (const old of [...list.children]) if (!keep.has(old)) old.remove();
  nodes.forEach((node, i) => { if (list.children[i] !== node) list.insertBefore(node, list.children[i] || null); });
}

const nearEnd = (list) => list.scrollHeight - list.scrollTop - list.clientHeight < 80;

function toEnd(c) {
  c.list.scrollTop = c.list.scrollHeight;
  c.more.hidden = true;
}

// bubbles draws the last messages of a chat; a message that did not change keeps its node, and with it what was typed there.
function bubbles(c, chat) {
  if (!chat.messages.length) return [element('p', { class: 'empty' }, '还没有消息，发“帮助”看看领客会什么')];
  const out = [];
  const drawn = new Map();
  let day = '';
  for (const m of chat.messages) {
    if (dayOf(m.at) !== day) { day = dayOf(m.at); out.push(dayLine(c, day)); }
    const text = JSON.stringify(m);
    const old = c.drawn.get(m.id);
    const node = old?.text === text ? old.node : bubble(c, m);
    drawn.set(m.id, { text, node });
    out.push(node);
  }
  c.drawn = drawn;
  return out;
}

function dayLine(c, day) {
  if (!c.days.has(day)) c.days.set(day, element('p', { class: 'day' }, day));
  return c.days.get(day);
}

function bubble(c, m) {
  const mine = m.from === c.person.id;
  const bot = m.from === 'bot';
  const name = bot ? '领客' : people.find((p) => p.id === m.from)?.name || m.from;
  const face = bot ? element('span', { class: 'avatar bot' }, '领') : avatar(name);
  const body = element('div', { class: 'body' }, element('small', {}, mine ? timeOf(m.at) : `${name} ${timeOf(m.at)}`));
  if (m.text) body.append(element('div', { class: 'text' }, rich(m.text)));
  if (m.file) body.append(element('a', { class: 'file', href: m.link || '#', download: m.file, 'data-document': m.file }, `文件：${m.file}`));
  if (m.image && /^(https?:\/\/|\/)/.test(m.image)) body.append(element('img', { class: 'picture', src: m.image, alt: '图片' }));
  if (m.card) body.append(draw(m.card, (action, inputs) => click(c, m, action, inputs), c.platform === 'wecom'));
  return element('div', { class: mine ? 'message mine' : 'message', 'data-message': m.id }, face, body);
}

// ---- what the person does

async function post(path, body) {
  try {
    const answer = await fetch(path, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });
    return await answer.json();
  } catch (error) {
    return { accepted: false, toast: '连接不上，请看看演示程序是否还在运行', error: String(error) };
  }
}

// sendFile sends a file as the person of a column; the control API takes its content in base64.
async function sendFile(c, file) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let text = '';
  for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  report(c, await post('files', { platform: c.platform, person: c.person.id, conversation: c.chat, name: file.name, content: btoa(text) }));
}

async function say(c, text) {
  if (!text.trim()) return;
  c.box.value = '';
  toEnd(c);
  const result = await post('messages', { platform: c.platform, person: c.person.id, conversation: c.chat, text });
  if (!result.accepted && !c.box.value) c.box.value = text; // to be sent again
  report(c, result);
}

async function click(c, message, action, inputs) {
  report(c, await post('clicks', { platform: c.platform, person: c.person.id, message: message.id, action, inputs }));
}

function report(c, result) {
  const text = result.toast || (result.accepted ? '' : '操作失败，请稍后重试');
  clearTimeout(c.timer);
  c.toast.hidden = !text;
  c.toast.textContent = text;
  c.toast.title = result.error || '';
  c.toast.dataset.failed = String(!result.accepted);
  c.timer = setTimeout(() => { c.toast.hidden = true; }, 4000);
}

// ---- phone: which column is in view

function markTab() {
  const list = [...root.children];
  if (!list.length) return;
  const at = Math.round(root.scrollLeft / list[0].clientWidth);
  [...tabs.children].forEach((t, i) => {
    t.setAttribute('aria-pressed', String(i === at));
    if (i === at) tabs.scrollTo({ left: t.offsetLeft - tabs.clientWidth / 2 + t.clientWidth / 2 });
  });
}
root.addEventListener('scroll', markTab, { passive: true });

// ---- live

let skew = 0;
async function setClock() {
  const answer = await fetch('clock');
  skew = new Date((await answer.json()).now).getTime() - Date.now();
  drawClock();
}
function drawClock() {
  const now = Date.now() + skew;
  document.getElementById('clock').textContent = `${dayOf(now)} ${timeOf(now)}`;
}

function listen() {
  const live = document.getElementById('live');
  const source = new EventSource('events');
  const all = () => { for (const node of root.children) refresh(columns.get(`${node.dataset.platform}-${node.dataset.person}`)); };
  const tell = (connected) => {
    live.dataset.live = String(connected);
    live.title = connected ? '实时连接' : '连接已断开，正在重连';
  };
  source.addEventListener('ready', () => { tell(true); setClock().catch(() => {}); all(); });
  source.addEventListener('change', all);
  source.addEventListener('ready', () => { for (const c of columns.values()) if (c.platform === 'wecom') showMenu(c); });
  source.addEventListener('error', () => tell(false));
}

pickers();
layout();
listen();
setInterval(() => setClock().catch(() => {}), 15000);
