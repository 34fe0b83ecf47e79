import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Takes the reports of Moksori and keeps those whose signature is right, in order of arrival. */
final class CallbackReceiver implements AutoCloseable {
    private static final String PATH = "/moksori";
    private static final String SIGNATURE = "X-Moksori-Signature";
    private static final String ALGORITHM = "HmacSHA256";
    private static final int LARGEST_BYTES = 65_536;
    private static final int THREADS = 4; // One slow stranger must not keep the service waiting.

    private final BlockingQueue<String> reports = new LinkedBlockingQueue<>();
    private final ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    private final HttpServer server;
    private final byte[] secret;
    private final String host;

    /** Listens on {@code port} of {@code host}; 0 takes a free port. */
    CallbackReceiver(String host, int port, String secret) throws IOException {
        this.host = host;
        this.secret = secret.getBytes(StandardCharsets.UTF_8);
        server = HttpServer.create(new InetSocketAddress(host, port), 0);
        server.createContext(PATH, this::handle);
        server.setExecutor(threads);
        server.start();
    }

    /** Returns the callback_url to give to the service. */
    String url() {
        return "http://" + host + ":" + server.getAddress().getPort() + PATH;
    }

    /** Returns the next report, or null when none came in time. */
    String next(Duration patience) throws InterruptedException {
        return reports.poll(patience.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Lets the answer to the last report leave before it stops: otherwise the service would repeat it. */
    @Override
    public void close() {
        server.stop(1);
        threads.shutdownNow();
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            byte[] body = exchange.getRequestBody().readNBytes(LARGEST_BYTES + 1);
            String signature = exchange.getRequestHeaders().getFirst(SIGNATURE);
            exchange.sendResponseHeaders(take(exchange.getRequestMethod(), signature, body), -1);
        }
    }

    private int take(String method, String signature, byte[] body) {
        if (!method.equals("POST")) {
            return 405;
        }
        if (body.length > LARGEST_BYTES) {
            return 413;
        }
        if (signature == null || !isSigned(signature, body)) {
            return 401;
        }
        reports.add(new String(body, StandardCharsets.UTF_8));
        return 204;
    }

    /** The signature is of the bytes as they came: check it before anything reads them as JSON. */
    private boolean isSigned(String signature, byte[] body) {
        byte[] given = signature.getBytes(StandardCharsets.UTF_8);
        byte[] expected = ("sha256=" + HexFormat.of().formatHex(hmac(body))).getBytes(StandardCharsets.UTF_8);
        return MessageDigest.isEqual(expected, given); // In constant time, which String.equals is not.
    }

    private byte[] hmac(byte[] body) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(new SecretKeySpec(secret, ALGORITHM));
            return mac.doFinal(body);
        } catch (GeneralSecurityException error) {
            throw new IllegalStateException("every JDK has " + ALGORITHM, error);
        }
    }
}
