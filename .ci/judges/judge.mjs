// What the Node judges share: the SDKs from the folder that the test names, the emulator's control API, and verdicts.
import { createRequire } from 'node:module';
import { deepStrictEqual } from 'node:assert';

export const emulator = process.env.JUDGE_EMULATOR;

// sdk loads a package from where install put it.
export const sdk = createRequire(process.env.JUDGE_SDKS + '/');

// check ends the judge with a message unless got is deeply equal to want.
export function check(what, got, want) {
  try {
    deepStrictEqual(got, want);
  } catch {
    throw new Error(`${what}: got ${JSON.stringify(got)}, want ${JSON.stringify(want)}`);
  }
}

// call speaks JSON with the emulator.
export async function call(method, path, body) {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(emulator + path, { method, headers, body: body && JSON.stringify(body) });
  const answer = await response.json();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${JSON.stringify(answer)}`);
  return answer;
}

// say is a person writing; conversation '' is the single chat with the bot.
export async function say(platform, person, text, conversation = '') {
  const answer = await call('POST', '/_emulator/messages', { platform, person, conversation, text });
  check(`${person} says ${text}`, answer, { accepted: true, toast: '' });
}

// click is a person pressing a button of the newest card; it returns what the product shows after it.
export async function click(platform, person, action, inputs = {}) {
  const message = (await last(platform, person)).id;
  return call('POST', '/_emulator/clicks', { platform, person, message, action, inputs });
}

// last is the newest message that a person sees in a conversation.
export async function last(platform, person, conversation = '') {
  const list = await call('GET', `/_emulator/conversations?platform=${platform}&person=${person}&last=1`);
  return list.find((c) => c.id === conversation)?.messages[0];
}

// until asks again and again for up to ten seconds, for what the control API tells but does not announce.
export async function until(what, holds) {
  const end = Date.now() + 10_000;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`waited in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

// inbox hands what callbacks bring to whoever waits for it.
export class Inbox {
  #arrived = [];
  #waiting = [];

  put(item) {
    const taker = this.#waiting.shift();
    if (taker) taker(item);
    else this.#arrived.push(item);
  }

  take(what) {
    if (this.#arrived.length > 0) return Promise.resolve(this.#arrived.shift());
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`waited in vain: ${what}`)), 10_000);
      this.#waiting.push((item) => { clearTimeout(timer); resolve(item); });
    });
  }
}

// judge runs the conversation and turns its outcome into the exit status.
export function judge(conversation) {
  conversation().then(
    () => { console.log('ok'); process.exit(0); },
    (err) => { console.error(err.stack ?? err); process.exit(1); },
  );
}
