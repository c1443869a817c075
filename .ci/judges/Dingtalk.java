import com.dingtalk.open.app.api.OpenDingTalkClient;
import com.dingtalk.open.app.api.OpenDingTalkStreamClientBuilder;
import com.dingtalk.open.app.api.callback.DingTalkStreamTopics;
import com.dingtalk.open.app.api.callback.OpenDingTalkCallbackListener;
import com.dingtalk.open.app.api.chatbot.BotReplier;
import com.dingtalk.open.app.api.models.bot.ChatbotMessage;
import com.dingtalk.open.app.api.security.AuthClientCredential;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * DingTalk's official Java package app-stream-client in one conversation: it listens and answers. It sends no cards, so the
 * one that is clicked is sent by hand.
 */
public class Dingtalk {
    static final String EMULATOR = System.getenv("JUDGE_EMULATOR");
    static final String LINA = System.getenv("JUDGE_LINA");
    static final HttpClient HTTP = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    static final BlockingQueue<ChatbotMessage> messages = new LinkedBlockingQueue<>();
    static final BlockingQueue<Map<String, Object>> clicks = new LinkedBlockingQueue<>();

    /** The SDK finds out from the interface's type arguments what to decode. */
    static class OnMessage implements OpenDingTalkCallbackListener<ChatbotMessage, Map<String, Object>> {
        public Map<String, Object> execute(ChatbotMessage message) {
            messages.add(message);
            return Map.of();
        }
    }

    static class OnClick implements OpenDingTalkCallbackListener<Map<String, Object>, Map<String, Object>> {
        public Map<String, Object> execute(Map<String, Object> click) {
            clicks.add(click);
            return Map.of(
                "cardUpdateOptions", Map.of("updateCardDataByKey", true, "updatePrivateDataByKey", true),
                "cardData", Map.of("cardParamMap", Map.of("closed", "已被李娜领取")),
                "userPrivateData", Map.of("cardParamMap", Map.of("state", "你已领取", "toast", "领取成功")));
        }
    }

    public static void main(String[] args) throws Exception {
        int status = 1;
        try {
            conversation();
            System.out.println("ok");
            status = 0;
        } catch (Exception | AssertionError e) {
            e.printStackTrace();
        }
        System.exit(status); // the SDK's threads would keep the process
    }

    static void conversation() throws Exception {
        OpenDingTalkClient client = connect();
        hears("");
        hears(System.getenv("JUDGE_DINGTALK_GROUP"));
        isClicked();
        Thread.sleep((long) (1000 * Double.parseDouble(System.getenv("JUDGE_PINGS_SECONDS"))));
        hears("");
        call("POST", "/_emulator/disconnections", "{\"cut\":false}");
        until(() -> call("GET", "/_emulator/stats", "").contains("\"connections\":1,"));
        hears("");
        client.stop();
    }

    /**
     * The builder keeps its host in a private field, which is set here; the package itself stays as it was published. It
     * connects with TLS only.
     */
    static OpenDingTalkClient connect() throws Exception {
        var builder = OpenDingTalkStreamClientBuilder.custom()
            .credential(new AuthClientCredential(System.getenv("JUDGE_DINGTALK_ID"), System.getenv("JUDGE_DINGTALK_SECRET")))
            .registerCallbackListener(DingTalkStreamTopics.BOT_MESSAGE_TOPIC, new OnMessage())
            .registerCallbackListener(DingTalkStreamTopics.CARD_CALLBACK_TOPIC, new OnClick());
        var host = OpenDingTalkStreamClientBuilder.class.getDeclaredField("openApiHost");
        host.setAccessible(true);
        host.set(builder, System.getenv("JUDGE_TLS"));
        OpenDingTalkClient client = builder.build();
        client.start();
        until(() -> call("GET", "/_emulator/stats", "").contains("\"connections\":1,"));
        return client;
    }

    static void hears(String conversation) throws Exception {
        String accepted = call("POST", "/_emulator/messages",
            "{\"platform\":\"dingtalk\",\"person\":\"lina\",\"conversation\":\"" + conversation + "\",\"text\":\"今日\"}");
        check("accepted", accepted.contains("\"accepted\":true"), true);
        ChatbotMessage m = taken(messages, "the bot message");
        check("sender", List.of(m.getSenderStaffId(), m.getSenderNick()), List.of(LINA, "李娜"));
        check("text", List.of(m.getMsgtype(), m.getText().getContent().trim()), List.of("text", "今日"));
        check("conversationType", m.getConversationType(), conversation.isEmpty() ? "1" : "2");
        check("expiry after creation", m.getSessionWebhookExpiredTime() > m.getCreateAt(), true);
        String reply = BotReplier.fromWebhook(m.getSessionWebhook()).replyText("三位客户");
        check("sessionWebhook", reply.contains("\"errcode\":0"), true);
        check("the reply in the chat", seen().contains("\"from\":\"bot\"") && seen().contains("三位客户"), true);
    }

    static void isClicked() throws Exception {
        sendCard("lead-1");
        String id = first("\"id\":\"([^\"]+)\",\"from\":\"bot\",\"at\":\"[^\"]+\",\"card\"", seen());
        String outcome = call("POST", "/_emulator/clicks",
            "{\"platform\":\"dingtalk\",\"person\":\"lina\",\"message\":\"" + id + "\",\"action\":\"claim\",\"inputs\":{\"why\":\"near\"}}");
        check("outcome of the click", outcome.strip(), "{\"accepted\":true,\"toast\":\"领取成功\"}");
        Map<String, Object> c = taken(clicks, "the card callback");
        check("callback", List.of(c.get("type"), c.get("outTrackId"), c.get("userId")), List.of("actionCallback", "lead-1", LINA));
        check("content", c.get("content"), "{\"cardPrivateData\":{\"actionIds\":[\"form\"],\"params\":{\"form\":{\"action\":\"claim\",\"why\":\"near\"}}}}");
        check("after the click", seen().contains("\"note\":\"已被李娜领取\"") && seen().contains("\"state\":\"你已领取\""), true);
    }

    static void sendCard(String track) throws Exception {
        String token = first("\"accessToken\":\"([^\"]+)\"", call("POST", "/v1.0/oauth2/accessToken",
            "{\"appKey\":\"" + System.getenv("JUDGE_DINGTALK_ID") + "\",\"appSecret\":\"" + System.getenv("JUDGE_DINGTALK_SECRET") + "\"}"));
        call("POST", "/v1.0/card/instances/createAndDeliver", """
            {"cardTemplateId":"%s","outTrackId":"%s","callbackType":"STREAM","userIdType":1,
             "cardData":{"cardParamMap":{"title":"新线索","state":"待领取","form_label":"领取",
              "form":"{\\"fields\\":[{\\"name\\":\\"action\\",\\"type\\":\\"TEXT\\",\\"hidden\\":true,\\"defaultValue\\":\\"claim\\"},{\\"name\\":\\"why\\",\\"type\\":\\"TEXT\\"}]}"}},
             "openSpaceId":"dtv1.card//IM_ROBOT.%s","imRobotOpenSpaceModel":{},"imRobotOpenDeliverModel":{"spaceType":"IM_ROBOT"}}
            """.formatted(System.getenv("JUDGE_DINGTALK_TEMPLATE"), track, LINA), "x-acs-dingtalk-access-token", token);
    }

    /** What Li Na sees at the end of each of her conversations. */
    static String seen() throws Exception {
        return call("GET", "/_emulator/conversations?platform=dingtalk&person=" + URLEncoder.encode("lina", StandardCharsets.UTF_8) + "&last=1", "");
    }

    static String call(String method, String path, String body, String... headers) throws Exception {
        var request = HttpRequest.newBuilder(URI.create(EMULATOR + path)).header("content-type", "application/json");
        if (headers.length > 0) {
            request.headers(headers);
        }
        var response = HTTP.send(request.method(method, BodyPublishers.ofString(body)).build(), BodyHandlers.ofString());
        check(method + " " + path + ": " + response.body(), response.statusCode(), 200);
        return response.body();
    }

    static String first(String pattern, String text) {
        Matcher m = Pattern.compile(pattern).matcher(text);
        check(pattern + " in " + text, m.find(), true);
        return m.group(1);
    }

    static <T> T taken(BlockingQueue<T> from, String what) throws InterruptedException {
        T item = from.poll(10, TimeUnit.SECONDS);
        check("waited in vain for " + what, item == null, false);
        return item;
    }

    interface Condition {
        boolean holds() throws Exception;
    }

    /** Asks again and again for up to ten seconds, for what the control API tells but does not announce. */
    static void until(Condition c) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (!c.holds()) {
            check("connected in time", System.nanoTime() < end, true);
            Thread.sleep(10);
        }
    }

    static void check(String what, Object got, Object want) {
        if (!Objects.equals(got, want)) {
            throw new AssertionError(what + ": got " + got + ", want " + want);
        }
    }
}
