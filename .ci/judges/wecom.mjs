// WeCom's official @wecom/crypto is the gateway's side of the callbacks. WeCom has no official Node client for the calls, so
// they are made by hand.
import { createServer } from 'node:http';
import { call, check, click, Inbox, judge, last, say, sdk } from './judge.mjs';

const { decrypt, encrypt, getSignature } = sdk('@wecom/crypto');

const corp = process.env.JUDGE_WECOM_CORP;
const agent = Number(process.env.JUDGE_WECOM_AGENT);
const secret = process.env.JUDGE_WECOM_SECRET;
const token = process.env.JUDGE_WECOM_TOKEN;
const key = process.env.JUDGE_WECOM_KEY;

const events = new Inbox();
const verified = new Inbox();
let answer = () => 'success'; // to the next callback

// element reads one element's text.
function element(xml, name) {
  const found = xml.match(new RegExp(`<${name}>(?:<!\\[CDATA\\[(.*?)\\]\\]>|(.*?))</${name}>`, 's'));
  return found && (found[1] ?? found[2]);
}

// open checks a callback's signature and decrypts it.
function open(query, sealed) {
  check('msg_signature', query.get('msg_signature'), getSignature(token, query.get('timestamp'), query.get('nonce'), sealed));
  const { message, id, random } = decrypt(key, sealed);
  check('receive id', id, corp);
  check('random bytes', random.length, 16);
  return message;
}

// seal is a passive reply.
function seal(message) {
  const [timestamp, nonce, sealed] = [String(Math.floor(Date.now() / 1000)), '1597212914', encrypt(key, message, corp)];
  return `<xml><Encrypt><![CDATA[${sealed}]]></Encrypt><MsgSignature><![CDATA[${getSignature(token, timestamp, nonce, sealed)}]]></MsgSignature>` +
    `<TimeStamp>${timestamp}</TimeStamp><Nonce><![CDATA[${nonce}]]></Nonce></xml>`;
}

function passive(event, more) {
  return seal(`<xml><ToUserName><![CDATA[${element(event, 'FromUserName')}]]></ToUserName><FromUserName><![CDATA[${corp}]]></FromUserName>` +
    `<CreateTime>${Math.floor(Date.now() / 1000)}</CreateTime>${more}</xml>`);
}

async function receive(request, response) {
  const query = new URL(request.url, 'http://localhost').searchParams;
  if (request.method === 'GET') {
    response.end(open(query, query.get('echostr')));
    verified.put(true);
    return;
  }
  let body = '';
  for await (const part of request) body += part;
  check('ToUserName', element(body, 'ToUserName'), corp);
  check('AgentID', element(body, 'AgentID'), String(agent));
  const event = open(query, element(body, 'Encrypt'));
  response.end(answer(event));
  events.put(event);
}

// listen tells the test where the callbacks shall go, and waits for the platform's verification of that address.
async function listen() {
  const server = createServer((request, response) => {
    receive(request, response).catch((err) => { console.error(err.stack); process.exit(1); });
  });
  await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  console.log(`callback http://127.0.0.1:${server.address().port}/callbacks/wecom`);
  await verified.take('the verification of the callback address');
}

async function hears() {
  answer = (event) => passive(event, '<MsgType><![CDATA[text]]></MsgType><Content><![CDATA[三位客户]]></Content>');
  await say('wecom', 'wangfang', '今日 <a>&]]></a> 客户');
  const event = await events.take('the message');
  check('message', ['ToUserName', 'FromUserName', 'MsgType', 'AgentID'].map((n) => element(event, n)), [corp, 'WangFang', 'text', String(agent)]);
  check('content', event.includes('<Content><![CDATA[今日 <a>&]]]]><![CDATA[></a> 客户]]></Content>'), true);
  check('MsgId', /^\d+$/.test(element(event, 'MsgId')), true);
  check('the reply in the chat', (await last('wecom', 'wangfang')).text, '三位客户');
}

async function post(path, body) {
  const { access_token: t } = await call('GET', `/cgi-bin/gettoken?corpid=${corp}&corpsecret=${secret}`);
  const result = await call('POST', `/cgi-bin/${path}?access_token=${t}`, body);
  check(path, [result.errcode, result.errmsg], [0, 'ok']);
  return result;
}

async function sends() {
  await post('message/send', {
    touser: 'WangFang|ZhangWei', msgtype: 'template_card', agentid: agent,
    template_card: {
      card_type: 'button_interaction', task_id: 'lead-1', main_title: { title: '新线索', desc: '待领取' },
      horizontal_content_list: [{ keyname: '客户', value: '华东精密' }], button_list: [{ text: '领取', style: 1, key: 'claim' }],
    },
  });
  for (const person of ['wangfang', 'zhangwei']) check('the button', (await last('wecom', person)).card.actions[0].enabled, true);
}

async function isClicked() {
  answer = (event) => passive(event, '<MsgType><![CDATA[update_button]]></MsgType><Button><ReplaceName><![CDATA[你已领取]]></ReplaceName></Button>');
  check('outcome of the click', await click('wecom', 'wangfang', 'claim'), { accepted: true, toast: '' });
  const event = await events.take('the click');
  check('click', ['FromUserName', 'Event', 'EventKey', 'TaskId', 'CardType'].map((n) => element(event, n)),
    ['WangFang', 'template_card_event', 'claim', 'lead-1', 'button_interaction']);
  const [mine, other] = [(await last('wecom', 'wangfang')).card, (await last('wecom', 'zhangwei')).card];
  check('after the passive reply', [mine.note, mine.actions[0]?.enabled ?? false, other.note, other.actions[0].enabled], ['你已领取', false, undefined, true]);
  await post('message/update_template_card', { userids: ['ZhangWei'], agentid: agent, response_code: element(event, 'ResponseCode'), button: { replace_name: '已被王芳领取' } });
  check('after the update', (await last('wecom', 'zhangwei')).card.note, '已被王芳领取');
}

// forgets checks that a reply with a wrong signature is dropped, as the platform tells nobody.
async function forgets() {
  answer = (event) => passive(event, '<MsgType><![CDATA[text]]></MsgType><Content><![CDATA[假]]></Content>').replace(/(MsgSignature><!\[CDATA\[)../, '$1xx');
  await say('wecom', 'wangfang', '在吗');
  await events.take('the message');
  check('the last message', (await last('wecom', 'wangfang')).text, '在吗');
  check('stats', (await call('GET', '/_emulator/stats')).wecom.bad_replies, 1);
}

judge(async () => {
  await listen();
  await hears();
  await sends();
  await isClicked();
  await forgets();
});
