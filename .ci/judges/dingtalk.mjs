// DingTalk's two official npm packages in one conversation: dingtalk-stream listens and answers, @alicloud/dingtalk sends.
import { call, check, click, emulator, Inbox, judge, last, say, sdk, until } from './judge.mjs';

const { DWClient, TOPIC_ROBOT, TOPIC_CARD, GATEWAY_URL, GET_TOKEN_URL } = sdk('dingtalk-stream');
// One client each: the package's entry loads all two hundred.
const oauth2_1_0 = sdk('@alicloud/dingtalk/dist/oauth2_1_0/client');
const card_1_0 = sdk('@alicloud/dingtalk/dist/card_1_0/client');
const robot_1_0 = sdk('@alicloud/dingtalk/dist/robot_1_0/client');
const { Config } = sdk('@alicloud/openapi-client');
const { RuntimeOptions } = sdk('@alicloud/tea-util');
const axios = sdk('axios');

const clientId = process.env.JUDGE_DINGTALK_ID;
const clientSecret = process.env.JUDGE_DINGTALK_SECRET;
const cardTemplateId = process.env.JUDGE_DINGTALK_TEMPLATE;
const group = process.env.JUDGE_DINGTALK_GROUP;
const [lina, zhang] = [process.env.JUDGE_LINA, process.env.JUDGE_ZHANG];

// dingtalk-stream has its two hosts as constants. It calls them through axios, whose interceptor leads them here; the
// package itself stays as it was published.
axios.interceptors.request.use((config) => {
  for (const fixed of [GATEWAY_URL, GET_TOKEN_URL]) {
    if (config.url.startsWith(fixed)) config.url = emulator + config.url.slice(new URL(fixed).origin.length);
  }
  return config;
});

const api = (service) => new service.default(new Config({ protocol: 'http', endpoint: new URL(emulator).host }));
const runtime = new RuntimeOptions({});

const messages = new Inbox();
const clicks = new Inbox();
let answer = {}; // to the next click

async function connect() {
  const client = new DWClient({ clientId, clientSecret });
  client.registerCallbackListener(TOPIC_ROBOT, (frame) => {
    client.socketCallBackResponse(frame.headers.messageId, {});
    messages.put({ ...JSON.parse(frame.data), connection: frame.headers.connectionId });
  });
  client.registerCallbackListener(TOPIC_CARD, (frame) => {
    client.socketCallBackResponse(frame.headers.messageId, answer);
    clicks.put(JSON.parse(frame.data));
  });
  await client.connect();
  await connected();
  return client;
}

const connected = () => until('one stream connection', async () => (await call('GET', '/_emulator/stats')).dingtalk.connections === 1);

// hears checks a bot message and answers it at its sessionWebhook. It returns the connection that brought it.
async function hears(client, conversation) {
  await say('dingtalk', 'lina', '今日', conversation);
  const m = await messages.take('the bot message');
  check('sender', [m.senderStaffId, m.senderNick, m.robotCode], [lina, '李娜', clientId]);
  check('text', [m.msgtype, m.text.content.trim()], ['text', '今日']);
  check('conversationType', m.conversationType, conversation ? '2' : '1');
  if (conversation) check('conversationId', m.conversationId, conversation);
  const headers = { 'x-acs-dingtalk-access-token': await client.getAccessToken() };
  const reply = await axios.post(m.sessionWebhook, { msgtype: 'text', text: { content: '三位客户' } }, { headers });
  check('sessionWebhook', reply.data.errcode, 0);
  check('the reply in the chat', (await last('dingtalk', 'lina', conversation)).text, '三位客户');
  return m.connection;
}

async function token() {
  const oauth = api(oauth2_1_0);
  const { body } = await oauth.getAccessToken(new oauth2_1_0.GetAccessTokenRequest({ appKey: clientId, appSecret: clientSecret }));
  check('expireIn', body.expireIn, 7200);
  await refused('a wrong secret', oauth.getAccessToken(new oauth2_1_0.GetAccessTokenRequest({ appKey: clientId, appSecret: 'x' })), 'invalidClientIdOrSecret');
  return body.accessToken;
}

// refused checks that the SDK reads the platform's error.
async function refused(what, promise, code) {
  const err = await promise.then(() => undefined, (e) => e);
  check(what, err?.code, code);
}

function card(outTrackId, template = cardTemplateId) {
  return new card_1_0.CreateAndDeliverRequest({
    cardTemplateId: template, outTrackId, callbackType: 'STREAM', userIdType: 1,
    cardData: new card_1_0.CreateAndDeliverRequestCardData({
      cardParamMap: {
        title: '新线索', state: '待领取', fields: JSON.stringify([{ name: '客户', value: '华东精密' }]),
        buttons: JSON.stringify([{ text: '为什么', color: 'gray', action: { type: 'sendCardRequest', params: { actionId: 'why', params: { action: 'why' } } } }]),
        form: JSON.stringify({ fields: [{ name: 'action', type: 'TEXT', hidden: true, defaultValue: 'claim' }, { name: 'why', label: '原因', type: 'TEXT' }] }),
        form_label: '领取',
      },
    }),
    openSpaceId: `dtv1.card//IM_ROBOT.${lina};IM_ROBOT.${zhang}`,
    imRobotOpenSpaceModel: new card_1_0.CreateAndDeliverRequestImRobotOpenSpaceModel({ supportForward: true }),
    imRobotOpenDeliverModel: new card_1_0.CreateAndDeliverRequestImRobotOpenDeliverModel({ spaceType: 'IM_ROBOT', robotCode: clientId }),
  });
}

async function sends(xAcsDingtalkAccessToken) {
  const cards = api(card_1_0);
  const headers = new card_1_0.CreateAndDeliverHeaders({ xAcsDingtalkAccessToken });
  const { body } = await cards.createAndDeliverWithOptions(card('lead-1'), headers, runtime);
  check('createAndDeliver', [body.success, body.result.outTrackId], [true, 'lead-1']);
  check('deliverResults', body.result.deliverResults.map((r) => [r.spaceType, r.spaceId, r.success]), [['IM_ROBOT', lina, true], ['IM_ROBOT', zhang, true]]);
  for (const person of ['lina', 'zhangwei']) {
    const seen = (await last('dingtalk', person)).card;
    check(`the card of ${person}`, [seen.title, seen.fields[0].value, seen.actions[0].enabled], ['新线索', '华东精密', true]);
  }
  await refused('the same outTrackId', cards.createAndDeliverWithOptions(card('lead-1'), headers, runtime), 'param.cardAlreadyExist');
  await refused('an unknown template', cards.createAndDeliverWithOptions(card('lead-2', 'x.schema'), headers, runtime), 'param.templateNotExist');
  await refused('a bad token', cards.createAndDeliverWithOptions(card('lead-3'), new card_1_0.CreateAndDeliverHeaders({ xAcsDingtalkAccessToken: 'x' }), runtime), 'InvalidAuthentication');
}

// delivers makes a card and sends it in two steps, as for somebody who is to get it later.
async function delivers(xAcsDingtalkAccessToken) {
  const cards = api(card_1_0);
  const made = new card_1_0.CreateCardRequest({
    cardTemplateId, outTrackId: 'later-1', callbackType: 'STREAM', userIdType: 1,
    cardData: new card_1_0.CreateCardRequestCardData({ cardParamMap: { title: '晚到的线索', state: '待领取' } }),
    imRobotOpenSpaceModel: new card_1_0.CreateCardRequestImRobotOpenSpaceModel({ supportForward: true }),
  });
  const headers = new card_1_0.CreateCardHeaders({ xAcsDingtalkAccessToken });
  const { body } = await cards.createCardWithOptions(made, headers, runtime);
  check('createCard', [body.success, body.result], [true, 'later-1']);
  check('not there before it is sent', (await last('dingtalk', 'zhangwei')).card, undefined);
  const deliver = (outTrackId) => cards.deliverCardWithOptions(new card_1_0.DeliverCardRequest({
    outTrackId, userIdType: 1, openSpaceId: `dtv1.card//IM_ROBOT.${zhang}`,
    imRobotOpenDeliverModel: new card_1_0.DeliverCardRequestImRobotOpenDeliverModel({ spaceType: 'IM_ROBOT', robotCode: clientId }),
  }), new card_1_0.DeliverCardHeaders({ xAcsDingtalkAccessToken }), runtime);
  const sent = await deliver('later-1');
  check('deliverCard', [sent.body.success, sent.body.result.map((r) => [r.spaceId, r.success])], [true, [[zhang, true]]]);
  check('the card', (await last('dingtalk', 'zhangwei')).card.title, '晚到的线索');
  await refused('a card that was not made', deliver('later-9'), 'param.cardNotExist');
}

// downloads fetches a file that somebody sent to the bot.
async function downloads(xAcsDingtalkAccessToken) {
  const content = Buffer.from('客户,电话\n华东精密,13800000000\n');
  await call('POST', '/_emulator/files', { platform: 'dingtalk', person: 'lina', name: '客户.csv', content: content.toString('base64') });
  const m = await messages.take('the file');
  check('the file', [m.msgtype, m.content.fileName, m.senderStaffId], ['file', '客户.csv', lina]);
  const robot = api(robot_1_0);
  const ask = (downloadCode) => robot.robotMessageFileDownloadWithOptions(
    new robot_1_0.RobotMessageFileDownloadRequest({ downloadCode, robotCode: clientId }),
    new robot_1_0.RobotMessageFileDownloadHeaders({ xAcsDingtalkAccessToken }), runtime,
  );
  const { body } = await ask(m.content.downloadCode);
  const file = await fetch(body.downloadUrl);
  check('its content', Buffer.from(await file.arrayBuffer()).equals(content), true);
  await refused('another code', ask('x'), 'invalidParameter.downloadCode.invalid');
}

// recalls takes a message back, and asks who had read it.
async function recalls(xAcsDingtalkAccessToken) {
  const robot = api(robot_1_0);
  const { body } = await robot.batchSendOTOWithOptions(
    new robot_1_0.BatchSendOTORequest({ robotCode: clientId, userIds: [zhang], msgKey: 'sampleText', msgParam: JSON.stringify({ content: '发错了' }) }),
    new robot_1_0.BatchSendOTOHeaders({ xAcsDingtalkAccessToken }), runtime,
  );
  const key = body.processQueryKey;
  const read = await robot.batchOTOQueryWithOptions(
    new robot_1_0.BatchOTOQueryRequest({ robotCode: clientId, processQueryKey: key }), new robot_1_0.BatchOTOQueryHeaders({ xAcsDingtalkAccessToken }), runtime,
  );
  check('batchOTOQuery', [read.body.sendStatus, read.body.messageReadInfoList.map((r) => [r.userId, r.readStatus])], ['SUCCESS', [[zhang, 'UNREAD']]]);
  const back = await robot.batchRecallOTOWithOptions(
    new robot_1_0.BatchRecallOTORequest({ robotCode: clientId, processQueryKeys: [key] }), new robot_1_0.BatchRecallOTOHeaders({ xAcsDingtalkAccessToken }), runtime,
  );
  check('batchRecallOTO', back.body.successResult, [key]);
  check('the recalled message', (await last('dingtalk', 'zhangwei')).text === '发错了', false);
}

async function isClicked() {
  answer = {
    cardUpdateOptions: { updateCardDataByKey: true, updatePrivateDataByKey: true },
    cardData: { cardParamMap: { closed: '已被李娜领取' } },
    userPrivateData: { cardParamMap: { state: '你已领取', toast: '领取成功' } },
  };
  const outcome = await click('dingtalk', 'lina', 'claim', { why: 'near' });
  const c = await clicks.take('the card callback');
  check('outcome of the click', outcome, { accepted: true, toast: '领取成功' });
  check('callback', [c.type, c.outTrackId, c.userId, c.spaceType], ['actionCallback', 'lead-1', lina, 'im']);
  check('content', JSON.parse(c.content).cardPrivateData, { actionIds: ['form'], params: { form: { action: 'claim', why: 'near' } } });
  const [mine, other] = [(await last('dingtalk', 'lina')).card, (await last('dingtalk', 'zhangwei')).card];
  check('after the click', [mine.note, mine.state, other.note, other.state], ['已被李娜领取', '你已领取', '已被李娜领取', '待领取']);
  check('buttons', [mine.actions, other.actions], [[], []]);
}

async function updates(xAcsDingtalkAccessToken) {
  const request = (outTrackId) => new card_1_0.UpdateCardRequest({
    outTrackId,
    cardData: new card_1_0.UpdateCardRequestCardData({ cardParamMap: { state: '已成交' } }),
    privateData: { [zhang]: new card_1_0.PrivateDataValue({ cardParamMap: { body: '恭喜同事' } }) },
    cardUpdateOptions: new card_1_0.UpdateCardRequestCardUpdateOptions({ updateCardDataByKey: true, updatePrivateDataByKey: true }),
  });
  const cards = api(card_1_0);
  const headers = new card_1_0.UpdateCardHeaders({ xAcsDingtalkAccessToken });
  const { body } = await cards.updateCardWithOptions(request('lead-1'), headers, runtime);
  check('updateCard', [body.success, body.result], [true, true]);
  const [mine, other] = [(await last('dingtalk', 'lina')).card, (await last('dingtalk', 'zhangwei')).card];
  check('after the update', [mine.title, mine.state, mine.body, other.state, other.body], ['新线索', '你已领取', undefined, '已成交', '恭喜同事']);
  await refused('an unknown card', cards.updateCardWithOptions(request('lead-9'), headers, runtime), 'param.cardNotExist');
}

async function notifies(xAcsDingtalkAccessToken) {
  const { body } = await api(robot_1_0).batchSendOTOWithOptions(
    new robot_1_0.BatchSendOTORequest({
      robotCode: clientId, userIds: [zhang, 'nobody'], msgKey: 'sampleMarkdown', msgParam: JSON.stringify({ title: '早', text: '**早**' }),
    }),
    new robot_1_0.BatchSendOTOHeaders({ xAcsDingtalkAccessToken }), runtime,
  );
  check('batchSend', [typeof body.processQueryKey, body.invalidStaffIdList], ['string', ['nobody']]);
  check('the message', (await last('dingtalk', 'zhangwei')).text, '**早**');
}

// outlives checks that the connection stands several pings and that a retired one is followed by another.
async function outlives(client, first) {
  await new Promise((resolve) => setTimeout(resolve, 1000 * Number(process.env.JUDGE_PINGS_SECONDS)));
  check('the connection after several pings', await hears(client, ''), first);
  check('retired', await call('POST', '/_emulator/disconnections', { cut: false }), { connections: 1 });
  await connected();
  check('another connection', (await hears(client, '')) !== first, true);
}

judge(async () => {
  const client = await connect();
  const first = await hears(client, '');
  await hears(client, group);
  const accessToken = await token();
  await sends(accessToken);
  await isClicked();
  await updates(accessToken);
  await notifies(accessToken);
  await delivers(accessToken);
  await downloads(accessToken);
  await recalls(accessToken);
  await outlives(client, first);
  client.disconnect();
});
