// One interactive card: its fields, its buttons, and the questions that a button asks before it is pressed.
import { element, rich } from './text.js';

// draw builds a card; press(action, inputs) is called once per click and returns a promise. selects says that the platform draws a card's selections on the card
// itself and sends them with whatever button is pressed, as WeCom does; elsewhere a button asks when it is pressed.
export function draw(card, press, selects) {
  const node = element('article', { class: card.note ? 'card closed' : 'card', 'data-card': card.id },
    element('header', {}, element('h3', {}, card.title || '通知'),
      card.state ? element('span', { class: 'state', 'data-state': card.state, hidden: same(card.state, card.note) }, card.state) : null),
    card.body ? rich(card.body) : null,
    card.fields.length ? fields(card.fields) : null);
  if (card.hint) node.append(element('p', { class: 'hint', 'data-hint': true }, card.hint));
  if (card.note) node.append(element('footer', { class: 'note', 'data-note': true }, same(card.state, card.note) ? longer(card.state, card.note) : card.note));
  else if (card.actions.length) node.append(buttons(card, press, selects));
  return node;
}

// same tells whether two texts are one, which the platform may have cut at different lengths.
function same(a, b) {
  if (!a || !b) return false;
  const [x, y] = [a.replace(/…$/, ''), b.replace(/…$/, '')];
  return a === b || (a !== x && y.startsWith(x)) || (b !== y && x.startsWith(y));
}

const longer = (a, b) => (a.length > b.length ? a : b);

function fields(list) {
  const box = element('dl', {});
  for (const f of list) box.append(element('dt', {}, f.name), element('dd', {}, f.value));
  return box;
}

function buttons(card, press, selects) {
  const footer = element('footer', { class: 'actions' });
  const asking = selects && card.actions.find((a) => a.inputs.length);
  const chosen = asking && element('form', { 'data-selects': true }, ...asking.inputs.map(question));
  if (chosen) footer.append(chosen);
  for (const action of card.actions) footer.append(button(footer, action, press, chosen));
  return footer;
}

function button(footer, action, press, chosen) {
  const click = () => {
    if (!action.inputs.length) return pressed(footer, action, {}, press);
    if (chosen) return pressed(footer, action, Object.fromEntries(new FormData(chosen)), press);
    return ask(footer, action, press);
  };
  return element('button', {
    type: 'button', class: `action ${action.style || 'plain'}`, 'data-action': action.id.split('.')[0], disabled: !action.enabled, onclick: click,
  }, action.label);
}

// pressed keeps the buttons still until the platform has answered.
async function pressed(footer, action, inputs, press) {
  const all = [...footer.querySelectorAll('button')].filter((b) => !b.disabled);
  all.forEach((b) => { b.disabled = true; });
  footer.setAttribute('aria-busy', 'true');
  try {
    await press(action.id, inputs);
  } finally {
    footer.removeAttribute('aria-busy');
    all.forEach((b) => { b.disabled = false; });
  }
}

// ask opens the action's questions below the buttons; a second press closes them.
function ask(footer, action, press) {
  const open = footer.querySelector('form');
  if (open) open.remove();
  if (open && open.dataset.for === action.id) return;
  const form = element('form', { 'data-for': action.id }, ...action.inputs.map(question),
    element('div', { class: 'confirm' },
      element('button', { type: 'button', class: 'action plain', onclick: () => form.remove() }, '取消'),
      element('button', { type: 'submit', class: 'action primary', 'data-confirm': action.id.split('.')[0] }, `确定${action.label}`)));
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    await pressed(footer, action, Object.fromEntries(new FormData(form)), press);
    form.remove();
  });
  footer.append(form);
  form.querySelector('input, select').focus();
}

function question(input) {
  const attributes = { name: input.id, 'data-input': input.id, required: !input.optional };
  const control = input.options.length
    ? element('select', attributes, ...input.options.map((o) => element('option', { value: o.id }, o.label)))
    : element('input', { ...attributes, type: 'text', autocomplete: 'off' });
  return element('label', {}, element('span', {}, input.label), control);
}
