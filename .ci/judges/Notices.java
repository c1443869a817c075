import com.dingtalk.api.DefaultDingTalkClient;
import com.dingtalk.api.request.OapiGettokenRequest;
import com.dingtalk.api.request.OapiMediaUploadRequest;
import com.dingtalk.api.request.OapiMessageCorpconversationAsyncsendV2Request;
import com.dingtalk.api.request.OapiMessageCorpconversationGetsendprogressRequest;
import com.dingtalk.api.request.OapiMessageCorpconversationGetsendresultRequest;
import com.dingtalk.api.request.OapiMessageCorpconversationRecallRequest;
import com.taobao.api.FileItem;
import com.taobao.api.TaobaoRequest;
import com.taobao.api.TaobaoResponse;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** DingTalk's official Java package of the older interface uploads a picture and sends work notices, asks what became of them, and takes one back. */
public class Notices {
    static final String EMULATOR = System.getenv("JUDGE_EMULATOR");
    static final String LINA = System.getenv("JUDGE_LINA");
    static final String ZHANG = System.getenv("JUDGE_ZHANG");
    static final long AGENT = 4711;
    static final HttpClient HTTP = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    static String token;

    public static void main(String[] args) throws Exception {
        int status = 1;
        try {
            conversation();
            System.out.println("ok");
            status = 0;
        } catch (Exception | AssertionError e) {
            e.printStackTrace();
        }
        System.exit(status);
    }

    static void conversation() throws Exception {
        token = token(System.getenv("JUDGE_DINGTALK_SECRET"), 0);
        token("x", 40089);
        String picture = uploads();
        long first = sends(text("早上好"), LINA + "," + ZHANG + ",nobody");
        check("the notice in the chat", seen("lina").contains("早上好") && seen("zhangwei").contains("早上好"), true);
        progress(first);
        becameOf(first, List.of(LINA, ZHANG), List.of(), List.of("nobody"));
        long twin = sends(text("早上好"), LINA);
        becameOf(twin, List.of(), List.of(LINA), List.of());
        sends(picture(picture), LINA);
        check("the picture in the chat", seen("lina").contains(picture), true);
        sends(card(), ZHANG);
        check("the card in the chat", seen("zhangwei").contains("[去看看](https://example.com/1)"), true);
        takesBack(first);
        refused();
    }

    /** The SDK's client is made for one address; it signs nothing and puts the token into the query. */
    static <T extends TaobaoResponse> T call(String path, TaobaoRequest<T> request) throws Exception {
        return new DefaultDingTalkClient(EMULATOR + path).execute(request, token);
    }

    static String token(String secret, long want) throws Exception {
        var request = new OapiGettokenRequest();
        request.setAppkey(System.getenv("JUDGE_DINGTALK_ID"));
        request.setAppsecret(secret);
        request.setHttpMethod("GET");
        var answer = call("/gettoken", request);
        check("gettoken", answer.getErrcode(), want);
        check("expiry", want != 0 || answer.getExpiresIn() == 7200, true);
        return answer.getAccessToken();
    }

    static String uploads() throws Exception {
        byte[] content = "\u0089PNG judged".getBytes(StandardCharsets.UTF_8);
        var request = new OapiMediaUploadRequest();
        request.setType("image");
        request.setMedia(new FileItem("chart.png", content));
        var answer = call("/media/upload", request);
        check("media/upload " + answer.getBody(), answer.getErrcode(), 0L);
        check("media id, type and time", answer.getMediaId().startsWith("@") && answer.getType().equals("image") && answer.getCreatedAt() > 1_600_000_000_000L, true);
        request.setMedia(new FileItem("chart.exe", content));
        check("a file of a kind that is none", call("/media/upload", request).getErrcode(), 40005L);
        return answer.getMediaId();
    }

    static OapiMessageCorpconversationAsyncsendV2Request.Msg text(String content) {
        var message = new OapiMessageCorpconversationAsyncsendV2Request.Msg();
        message.setMsgtype("text");
        message.setText(new OapiMessageCorpconversationAsyncsendV2Request.Text());
        message.getText().setContent(content);
        return message;
    }

    static OapiMessageCorpconversationAsyncsendV2Request.Msg picture(String media) {
        var message = new OapiMessageCorpconversationAsyncsendV2Request.Msg();
        message.setMsgtype("image");
        message.setImage(new OapiMessageCorpconversationAsyncsendV2Request.Image());
        message.getImage().setMediaId(media);
        return message;
    }

    static OapiMessageCorpconversationAsyncsendV2Request.Msg card() {
        var message = new OapiMessageCorpconversationAsyncsendV2Request.Msg();
        message.setMsgtype("action_card");
        message.setActionCard(new OapiMessageCorpconversationAsyncsendV2Request.ActionCard());
        message.getActionCard().setTitle("新线索");
        message.getActionCard().setMarkdown("**华东精密**");
        message.getActionCard().setSingleTitle("去看看");
        message.getActionCard().setSingleUrl("https://example.com/1");
        return message;
    }

    static OapiMessageCorpconversationAsyncsendV2Request notice(OapiMessageCorpconversationAsyncsendV2Request.Msg message, String users) {
        var request = new OapiMessageCorpconversationAsyncsendV2Request();
        request.setAgentId(AGENT);
        request.setUseridList(users);
        request.setMsg(message);
        return request;
    }

    static long sends(OapiMessageCorpconversationAsyncsendV2Request.Msg message, String users) throws Exception {
        var answer = call("/topapi/message/corpconversation/asyncsend_v2", notice(message, users));
        check("asyncsend_v2 " + answer.getBody(), answer.getErrcode(), 0L);
        return answer.getTaskId();
    }

    static void progress(long task) throws Exception {
        var request = new OapiMessageCorpconversationGetsendprogressRequest();
        request.setAgentId(AGENT);
        request.setTaskId(task);
        var answer = call("/topapi/message/corpconversation/getsendprogress", request);
        check("getsendprogress " + answer.getBody(), List.of(answer.getErrcode(), answer.getProgress().getProgressInPercent(), answer.getProgress().getStatus()), List.of(0L, 100L, 2L));
    }

    static void becameOf(long task, List<String> unread, List<String> forbidden, List<String> invalid) throws Exception {
        var request = new OapiMessageCorpconversationGetsendresultRequest();
        request.setAgentId(AGENT);
        request.setTaskId(task);
        var answer = call("/topapi/message/corpconversation/getsendresult", request);
        check("getsendresult " + answer.getBody(), answer.getErrcode(), 0L);
        var result = answer.getSendResult();
        var codes = new ArrayList<String>();
        for (var f : some(result.getForbiddenList())) {
            codes.add(f.getUserid() + " " + f.getCode() + " " + f.getCount());
        }
        var want = new ArrayList<String>();
        for (String user : forbidden) {
            want.add(user + " 143105 1");
        }
        check("unread " + answer.getBody(), some(result.getUnreadUserIdList()), unread);
        check("forbidden", some(result.getForbiddenUserIdList()), forbidden);
        check("why", codes, want);
        check("invalid", some(result.getInvalidUserIdList()), invalid);
    }

    static <T> List<T> some(List<T> list) {
        return list == null ? List.of() : list;
    }

    static void takesBack(long task) throws Exception {
        var request = new OapiMessageCorpconversationRecallRequest();
        request.setAgentId(AGENT);
        request.setMsgTaskId(task);
        check("recall", call("/topapi/message/corpconversation/recall", request).getErrcode(), 0L);
        check("the recalled notice", seen("zhangwei").contains("早上好"), false);
    }

    /** The SDK reads the platform's refusals. */
    static void refused() throws Exception {
        var request = new OapiMessageCorpconversationGetsendresultRequest();
        request.setAgentId(AGENT);
        request.setTaskId(99L);
        check("an unknown task", call("/topapi/message/corpconversation/getsendresult", request).getErrcode(), 400002L);
        check("nobody to tell", call("/topapi/message/corpconversation/asyncsend_v2", notice(text("x"), "")).getErrcode(), 33010L);
        check("too long", call("/topapi/message/corpconversation/asyncsend_v2", notice(text("长".repeat(1000)), LINA)).getErrcode(), 40035L);
        String kept = token;
        token = "x";
        check("a bad token", call("/topapi/message/corpconversation/getsendresult", request).getErrcode(), 40014L);
        token = kept;
    }

    static String seen(String person) throws Exception {
        var request = HttpRequest.newBuilder(URI.create(EMULATOR + "/_emulator/conversations?platform=dingtalk&person=" + person)).build();
        var response = HTTP.send(request, BodyHandlers.ofString());
        check("conversations", response.statusCode(), 200);
        return response.body();
    }

    static void check(String what, Object got, Object want) {
        if (!Objects.equals(got, want)) {
            throw new AssertionError(what + ": got " + got + ", want " + want);
        }
    }
}
