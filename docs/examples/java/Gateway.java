import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A gateway in miniature: hands one recording to Moksori, prints its progress, and exits with 0 when it is done.
 *
 * <p>The call id is the Idempotency-Key: started again with the same arguments after a crash, it gets the same analysis.
 */
public final class Gateway {
    private static final String USAGE = "usage: Gateway BASE_URL CALL_ID FILE_PATH USER_ID DECLARATION";
    private static final int ATTEMPTS = 6;
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final String NOTHING = "{}";

    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1) // Spares the offer of HTTP/2, which the service does not speak.
            .connectTimeout(TIMEOUT)
            .build();
    private final URI analyses;
    private final String apiKey;

    Gateway(String baseUrl, String apiKey) {
        this.analyses = URI.create(baseUrl + "/api/v1/analyses");
        this.apiKey = apiKey;
    }

    public static void main(String[] args) throws IOException, InterruptedException {
        String secret = environment("MOKSORI_CALLBACK_SECRET", "");
        if (args.length != 5 || secret.isEmpty()) {
            System.err.println(USAGE + "\nMOKSORI_CALLBACK_SECRET must be the secret of the service");
            System.exit(2);
        }
        String host = environment("GATEWAY_HOST", "127.0.0.1");
        int port = Integer.parseInt(environment("GATEWAY_PORT", "8090"));
        Duration patience = Duration.ofSeconds(Long.parseLong(environment("GATEWAY_PATIENCE_S", "30")));
        Gateway gateway = new Gateway(args[0], environment("MOKSORI_API_KEY", ""));
        boolean done = false;
        try (CallbackReceiver receiver = new CallbackReceiver(host, port, secret)) {
            System.out.println("listening on " + receiver.url());
            String accepted = gateway.submit(args[1], body(args[2], args[3], args[4], receiver.url()));
            System.out.println("accepted " + text(accepted, "id"));
            done = gateway.follow(accepted, receiver, patience);
        } catch (IOException error) {
            System.err.println(error.getMessage());
        }
        System.exit(done ? 0 : 1);
    }

    /** Posts until the service has the call; the key makes that safe, however often an answer gets lost. */
    private String submit(String callId, String body) throws IOException, InterruptedException {
        HttpRequest request = request(analyses)
                .header("Content-Type", "application/json")
                .header("Prefer", "respond-async")
                .header("Idempotency-Key", callId)
                .POST(BodyPublishers.ofString(body))
                .build();
        for (int attempt = 1; ; attempt++) {
            long waitS = 1L << attempt;
            try {
                HttpResponse<String> answer = http.send(request, BodyHandlers.ofString());
                if (!isBusy(answer) || attempt == ATTEMPTS) {
                    return expectSuccess(answer);
                }
                waitS = answer.headers().firstValueAsLong("Retry-After").orElse(waitS);
            } catch (Refused refused) {
                throw refused;
            } catch (IOException lost) {
                if (attempt == ATTEMPTS) {
                    throw lost;
                }
            }
            Thread.sleep(Duration.ofSeconds(waitS).toMillis());
        }
    }

    /** Reads what is known so far and then the reports, until one of them is the last. */
    private boolean follow(String accepted, CallbackReceiver receiver, Duration patience)
            throws IOException, InterruptedException {
        String id = text(accepted, "id");
        int last = 0;
        for (String known = accepted; ; known = nextOf(id, receiver, patience)) {
            String progress = number(known, "progress");
            if (progress != null && Integer.parseInt(progress) > last) { // A report may come twice.
                last = Integer.parseInt(progress);
                System.out.println("progress " + last);
            }
            String status = text(known, "status"); // Only the last report has one.
            if (status != null && !status.equals("queued") && !status.equals("running")) {
                String grades = "predict1=" + number(known, "predict1") + " predict2=" + number(known, "predict2");
                System.out.println(status.equals("done") ? "done " + grades : status);
                return status.equals("done");
            }
        }
    }

    /** Returns the next report about the call; asks the service itself when reports stay away. */
    private String nextOf(String id, CallbackReceiver receiver, Duration patience)
            throws IOException, InterruptedException {
        String report;
        do {
            report = receiver.next(patience);
        } while (report != null && !id.equals(text(report, "id")));
        if (report != null) {
            return report;
        }
        HttpRequest question = request(URI.create(analyses + "/" + id)).GET().build();
        try {
            HttpResponse<String> answer = http.send(question, BodyHandlers.ofString());
            return isBusy(answer) ? NOTHING : expectSuccess(answer);
        } catch (Refused refused) {
            throw refused;
        } catch (IOException away) {
            return NOTHING;
        }
    }

    /** Whether the service, or a proxy before it, asks to come back later. */
    private static boolean isBusy(HttpResponse<String> answer) {
        return answer.statusCode() >= 502 && answer.statusCode() <= 504;
    }

    private HttpRequest.Builder request(URI uri) {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri).timeout(TIMEOUT);
        return apiKey.isEmpty() ? request : request.header("X-API-Key", apiKey);
    }

    private static String expectSuccess(HttpResponse<String> answer) throws Refused {
        if (answer.statusCode() >= 300) {
            throw new Refused(answer.statusCode(), text(answer.body(), "code"));
        }
        return answer.body();
    }

    private static String body(String filePath, String userId, String declaration, String callbackUrl) {
        return "{\"file_path\": " + quoted(filePath) + ", \"user_id\": " + quoted(userId)
                + ", \"declaration\": " + quoted(declaration) + ", \"callback_url\": " + quoted(callbackUrl) + "}";
    }

    private static String quoted(String text) {
        StringBuilder json = new StringBuilder("\"");
        for (char c : text.toCharArray()) {
            json.append(c == '"' || c == '\\' || c < ' ' ? String.format("\\u%04x", (int) c) : String.valueOf(c));
        }
        return json.append('"').toString();
    }

    // The JDK has no JSON reader. These find the first field of a name, which is enough here because a quotation mark
    // inside a JSON text is always written \"; a real gateway reads JSON with its library.
    private static String text(String json, String name) {
        return first("\"" + name + "\"\\s*:\\s*\"([^\"\\\\]*)\"", json);
    }

    private static String number(String json, String name) {
        return first("\"" + name + "\"\\s*:\\s*(-?\\d+)", json);
    }

    private static String first(String pattern, String json) {
        Matcher found = Pattern.compile(pattern).matcher(json);
        return found.find() ? found.group(1) : null;
    }

    private static String environment(String name, String otherwise) {
        String value = System.getenv(name);
        return value == null ? otherwise : value;
    }

    /** Thrown when the service says no; asking again would not help. */
    private static final class Refused extends IOException {
        private static final long serialVersionUID = 1L;

        Refused(int status, String code) {
            super("the service answered " + status + " " + code);
        }
    }
}
