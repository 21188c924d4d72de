import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Checks sample records from the documentation alone, sharing no code with the service that seals them:
 *
 *     java CheckRecords.java sealed.v1.json correction.v1.json
 *
 * Of each file it hashes the bytes of `content`, writes what they say in canonical form again (RFC 8785), and recomputes every
 * personal value they refer to as SHA-256(salt ‖ UTF-8 bytes of the value). Exit code 1 where anything differs.
 */
public final class CheckRecords {
  private CheckRecords() {}

  public static void main(String[] files) throws Exception {
    if (files.length == 0) {
      System.err.println("usage: java CheckRecords.java <sample.json>...");
      System.exit(2);
    }
    boolean sound = true;
    for (String file : files) {
      List<String> faults = check(Path.of(file));
      String name = Path.of(file).getFileName().toString();
      faults.forEach(fault -> System.out.println(name + ": " + fault));
      if (faults.isEmpty()) System.out.println(name + ": sound");
      sound &= faults.isEmpty();
    }
    System.exit(sound ? 0 : 1);
  }

  private static List<String> check(Path file) throws Exception {
    Map<?, ?> sample = (Map<?, ?>) new Reader(Files.readString(file)).document();
    String content = (String) sample.get("content");
    byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
    List<String> faults = new ArrayList<>();
    String sha256 = sha256(bytes);
    if (!sha256.equals(sample.get("sha256"))) faults.add("the bytes hash to " + sha256);
    if (!BigDecimal.valueOf(bytes.length).equals(sample.get("size_bytes"))) faults.add("there are " + bytes.length + " bytes");

    Object said = new Reader(content).document();
    StringBuilder canonical = new StringBuilder();
    write(said, canonical);
    if (!content.contentEquals(canonical)) faults.add("the bytes are not canonical; that would be " + canonical);

    Map<String, String> hashes = new TreeMap<>();
    for (Object entry : (List<?>) sample.get("personal_values")) {
      Map<?, ?> personal = (Map<?, ?>) entry;
      byte[] salt = HexFormat.of().parseHex((String) personal.get("salt"));
      byte[] value = ((String) personal.get("value")).getBytes(StandardCharsets.UTF_8);
      hashes.put((String) personal.get("ref"), sha256(salt, value));
    }
    checkPersonal(said, hashes, faults);
    hashes.keySet().forEach(ref -> faults.add("the bytes do not refer to " + ref));
    return faults;
  }

  /** Takes each reference it finds out of `hashes`. */
  private static void checkPersonal(Object value, Map<String, String> hashes, List<String> faults) {
    if (value instanceof List<?> list) list.forEach(item -> checkPersonal(item, hashes, faults));
    if (!(value instanceof Map<?, ?> map)) return;
    if (map.containsKey("ref") && map.containsKey("hash")) {
      String found = hashes.remove((String) map.get("ref"));
      if (!map.get("hash").equals(found)) faults.add("personal value " + map.get("ref") + " hashes to " + found);
      return;
    }
    map.values().forEach(item -> checkPersonal(item, hashes, faults));
  }

  private static String sha256(byte[]... parts) throws Exception {
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    for (byte[] part : parts) digest.update(part);
    return HexFormat.of().formatHex(digest.digest());
  }

  /** RFC 8785, as far as records need it: their numbers are whole. Java compares strings by UTF-16 code units, as it asks for. */
  private static void write(Object value, StringBuilder out) {
    if (value instanceof Map<?, ?> map) {
      String separator = "{";
      if (map.isEmpty()) out.append('{');
      for (Map.Entry<?, ?> member : map.entrySet()) {
        out.append(separator);
        write(member.getKey(), out);
        write(member.getValue(), out.append(':'));
        separator = ",";
      }
      out.append('}');
    } else if (value instanceof List<?> list) {
      String separator = "[";
      if (list.isEmpty()) out.append('[');
      for (Object item : list) {
        write(item, out.append(separator));
        separator = ",";
      }
      out.append(']');
    } else if (value instanceof String text) {
      writeString(text, out);
    } else if (value instanceof BigDecimal number) {
      BigInteger whole = number.toBigIntegerExact();
      if (whole.bitLength() > 53) throw new IllegalArgumentException("a number beyond 53 bits: " + whole);
      out.append(whole);
    } else {
      out.append(value); // true, false, null
    }
  }

  private static void writeString(String text, StringBuilder out) {
    out.append('"');
    for (char unit : text.toCharArray()) {
      int place = "\b\t\n\f\r\"\\".indexOf(unit);
      if (place >= 0) out.append('\\').append("btnfr\"\\".charAt(place));
      else if (unit < ' ') out.append(String.format("\\u%04x", (int) unit));
      else out.append(unit);
    }
    out.append('"');
  }

  /** A JSON reader (RFC 8259): objects as sorted maps, numbers as BigDecimal. */
  private static final class Reader {
    private final String text;
    private int at;

    Reader(String text) {
      this.text = text;
    }

    Object document() {
      Object value = value();
      if (peek() != 0) throw fault("more than one value");
      return value;
    }

    private Object value() {
      return switch (peek()) {
        case '{' -> object();
        case '[' -> array();
        case '"' -> string();
        case 't' -> literal("true", true);
        case 'f' -> literal("false", false);
        case 'n' -> literal("null", null);
        default -> number();
      };
    }

    private Map<String, Object> object() {
      Map<String, Object> members = new TreeMap<>();
      take('{');
      for (boolean more = peek() != '}'; more; more = next()) {
        String name = string();
        if (members.containsKey(name)) throw fault("twice the name " + name);
        take(':');
        members.put(name, value());
      }
      take('}');
      return members;
    }

    private List<Object> array() {
      List<Object> items = new ArrayList<>();
      take('[');
      for (boolean more = peek() != ']'; more; more = next()) items.add(value());
      take(']');
      return items;
    }

    private boolean next() {
      if (peek() != ',') return false;
      at++;
      return true;
    }

    private String string() {
      take('"');
      StringBuilder out = new StringBuilder();
      for (char unit = text.charAt(at++); unit != '"'; unit = text.charAt(at++)) {
        if (unit < ' ') throw fault("a control character in a string");
        out.append(unit == '\\' ? escaped() : unit);
      }
      return out.toString();
    }

    private char escaped() {
      char kind = text.charAt(at++);
      if (kind == 'u') {
        at += 4;
        return (char) Integer.parseInt(text.substring(at - 4, at), 16);
      }
      int place = "btnfr\"\\/".indexOf(kind);
      if (place < 0) throw fault("an unknown escape");
      return "\b\t\n\f\r\"\\/".charAt(place);
    }

    private BigDecimal number() {
      int start = at;
      while (at < text.length() && "+-.eE0123456789".indexOf(text.charAt(at)) >= 0) at++;
      if (start == at) throw fault("no value");
      return new BigDecimal(text.substring(start, at));
    }

    private Object literal(String word, Object value) {
      if (!text.startsWith(word, at)) throw fault("no value");
      at += word.length();
      return value;
    }

    private void take(char expected) {
      if (peek() != expected) throw fault("expected " + expected);
      at++;
    }

    /** The next character that is no white space, 0 at the end. */
    private char peek() {
      while (at < text.length() && " \t\n\r".indexOf(text.charAt(at)) >= 0) at++;
      return at < text.length() ? text.charAt(at) : 0;
    }

    private IllegalArgumentException fault(String what) {
      return new IllegalArgumentException(what + " at character " + at);
    }
  }
}
