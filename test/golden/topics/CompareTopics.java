import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Holds topics against journals, sharing no code with what wrote either. For every topic, the set of (event id, SHA-256 of the value)
 * must be the journal's, and the first occurrences of each aggregate must come in the order of its versions, from 1 and without a gap.
 *
 * usage: java -cp <kafka-clients> CompareTopics.java <brokers> <topic>=<journal file> ...
 * A journal file has a line `<event id> <sha256 of the payload>` for each row.
 */
public class CompareTopics {
  private static final Duration POLL = Duration.ofMillis(200);
  private static final int SHOWN = 5;
  /** Sinks that drop headers know an event by this. */
  private static final Pattern ID_IN_VALUE = Pattern.compile("\"event_id\"\\s*:\\s*\"([^\"]*)\"");

  public static void main(String[] args) throws Exception {
    boolean sound = args.length > 1;
    if (!sound) System.err.println("usage: CompareTopics <brokers> <topic>=<journal file> ...");
    for (int i = 1; i < args.length; i++) {
      int split = args[i].indexOf('=');
      sound &= compare(args[0], args[i].substring(0, split), Path.of(args[i].substring(split + 1)));
    }
    System.exit(sound ? 0 : 1);
  }

  private static boolean compare(String brokers, String topic, Path journalFile) throws Exception {
    Map<String, String> journal = new HashMap<>();
    for (String line : Files.readAllLines(journalFile)) {
      String[] parts = line.trim().split("\\s+");
      if (parts.length == 2) journal.put(parts[0], parts[1]);
    }
    Map<String, String> seen = new HashMap<>();
    Map<String, Long> versions = new HashMap<>();
    List<String> faults = new ArrayList<>();
    long messages = 0;
    for (ConsumerRecord<byte[], byte[]> message : read(brokers, topic)) {
      messages++;
      String id = header(message, "ce_id");
      String hash = sha256(message.value());
      Matcher inValue = ID_IN_VALUE.matcher(new String(message.value(), StandardCharsets.UTF_8));
      if (!inValue.find() || !inValue.group(1).equals(id)) faults.add("the value does not name its event: " + id);
      String before = seen.putIfAbsent(id, hash);
      if (before != null) {
        if (!before.equals(hash)) faults.add("two contents for the event " + id);
        continue;
      }
      String aggregate = header(message, "ce_subject");
      long version = Long.parseLong(header(message, "ce_sequence"));
      long expected = versions.getOrDefault(aggregate, 0L) + 1;
      if (version != expected) faults.add("out of order: " + aggregate + " " + version + " where " + expected + " was due");
      versions.put(aggregate, version);
    }
    for (String id : new TreeSet<>(journal.keySet())) {
      if (!seen.containsKey(id)) faults.add("not on the topic: " + id);
      else if (!seen.get(id).equals(journal.get(id))) faults.add("other bytes than the journal's: " + id);
    }
    for (String id : new TreeSet<>(seen.keySet())) {
      if (!journal.containsKey(id)) faults.add("not in the journal: " + id);
    }
    System.out.printf(
        "%s: %d messages, %d events, %d aggregates, %d journal rows: %s%n",
        topic, messages, seen.size(), versions.size(), journal.size(), faults.isEmpty() ? "the same" : faults.size() + " faults");
    faults.stream().limit(SHOWN).forEach(fault -> System.out.println("  " + fault));
    return faults.isEmpty();
  }

  /** Every message of the topic up to the end it has now, in the order of its partitions. */
  private static List<ConsumerRecord<byte[], byte[]>> read(String brokers, String topic) {
    Properties settings = new Properties();
    settings.put("bootstrap.servers", brokers);
    settings.put("enable.auto.commit", "false");
    List<ConsumerRecord<byte[], byte[]>> messages = new ArrayList<>();
    try (var consumer = new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      List<TopicPartition> partitions = new ArrayList<>();
      consumer.partitionsFor(topic).forEach(info -> partitions.add(new TopicPartition(topic, info.partition())));
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
        consumer.poll(POLL).forEach(messages::add);
      }
    }
    return messages;
  }

  private static String header(ConsumerRecord<byte[], byte[]> message, String name) {
    Header header = message.headers().lastHeader(name);
    if (header == null) throw new IllegalStateException("a message without " + name + " at offset " + message.offset());
    return new String(header.value(), StandardCharsets.UTF_8);
  }

  private static String sha256(byte[] bytes) throws Exception {
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
  }
}
