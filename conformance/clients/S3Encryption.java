// AWS's encryption client for Java: takes one JSON object a line and answers one line.
import com.amazonaws.auth.AWSStaticCredentialsProvider;
import com.amazonaws.auth.BasicAWSCredentials;
import com.amazonaws.client.builder.AwsClientBuilder.EndpointConfiguration;
import com.amazonaws.services.kms.AWSKMS;
import com.amazonaws.services.kms.AWSKMSClientBuilder;
import com.amazonaws.services.s3.AmazonS3;
import com.amazonaws.services.s3.AmazonS3EncryptionClient;
import com.amazonaws.services.s3.AmazonS3EncryptionClientV2;
import com.amazonaws.services.s3.model.CryptoConfiguration;
import com.amazonaws.services.s3.model.CryptoConfigurationV2;
import com.amazonaws.services.s3.model.CryptoMode;
import com.amazonaws.services.s3.model.CryptoStorageMode;
import com.amazonaws.services.s3.model.EncryptionMaterials;
import com.amazonaws.services.s3.model.EncryptionMaterialsProvider;
import com.amazonaws.services.s3.model.GetObjectRequest;
import com.amazonaws.services.s3.model.KMSEncryptionMaterials;
import com.amazonaws.services.s3.model.KMSEncryptionMaterialsProvider;
import com.amazonaws.services.s3.model.ObjectMetadata;
import com.amazonaws.services.s3.model.PutObjectRequest;
import com.amazonaws.services.s3.model.StaticEncryptionMaterialsProvider;
import com.amazonaws.util.IOUtils;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.InputStreamReader;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.Map;
import javax.crypto.spec.SecretKeySpec;

public final class S3Encryption {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String REGION = "us-east-1";
  private static final AWSStaticCredentialsProvider CREDENTIALS =
      new AWSStaticCredentialsProvider(
          new BasicAWSCredentials(
              System.getenv("AWS_ACCESS_KEY_ID"), System.getenv("AWS_SECRET_ACCESS_KEY")));

  public static void main(String[] arguments) throws Exception {
    BufferedReader lines = new BufferedReader(new InputStreamReader(System.in));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      Map<String, String> answer;
      try {
        answer = Map.of("body", Base64.getEncoder().encodeToString(run(JSON.readTree(line))));
      } catch (Exception error) {
        error.printStackTrace();
        answer = Map.of("error", String.valueOf(error));
      }
      System.out.println(JSON.writeValueAsString(answer));
    }
  }

  private static byte[] run(JsonNode call) throws Exception {
    AmazonS3 s3 = call.get("version").asInt() == 1 ? version1(call) : version2(call);
    String bucket = call.get("bucket").asText();
    String key = call.get("key").asText();
    if (call.get("action").asText().equals("get")) {
      GetObjectRequest request = new GetObjectRequest(bucket, key);
      return IOUtils.toByteArray(s3.getObject(request).getObjectContent());
    }
    byte[] body = Base64.getDecoder().decode(call.get("body").asText());
    ObjectMetadata metadata = new ObjectMetadata();
    metadata.setContentLength(body.length);
    metadata.addUserMetadata("mine", "yes");
    ByteArrayInputStream stream = new ByteArrayInputStream(body);
    s3.putObject(new PutObjectRequest(bucket, key, stream, metadata));
    return new byte[0];
  }

  private static AmazonS3 version1(JsonNode call) throws Exception {
    CryptoConfiguration configuration =
        new CryptoConfiguration(CryptoMode.valueOf(call.get("mode").asText()));
    if (call.hasNonNull("instructionFile")) {
      configuration.setStorageMode(CryptoStorageMode.InstructionFile);
    }
    return AmazonS3EncryptionClient.encryptionBuilder()
        .withCredentials(CREDENTIALS)
        .withEndpointConfiguration(endpoint("S3_ENDPOINT"))
        .withPathStyleAccessEnabled(true)
        .withCryptoConfiguration(configuration)
        .withKmsClient(kms())
        .withEncryptionMaterials(materials(call))
        .build();
  }

  private static AmazonS3 version2(JsonNode call) throws Exception {
    CryptoConfigurationV2 configuration =
        new CryptoConfigurationV2(CryptoMode.StrictAuthenticatedEncryption);
    if (call.hasNonNull("instructionFile")) {
      configuration.setStorageMode(CryptoStorageMode.InstructionFile);
    }
    return AmazonS3EncryptionClientV2.encryptionBuilder()
        .withCredentials(CREDENTIALS)
        .withEndpointConfiguration(endpoint("S3_ENDPOINT"))
        .withPathStyleAccessEnabled(true)
        .withCryptoConfiguration(configuration)
        .withKmsClient(kms())
        .withEncryptionMaterialsProvider(materials(call))
        .build();
  }

  private static EndpointConfiguration endpoint(String name) {
    return new EndpointConfiguration(System.getenv(name), REGION);
  }

  private static AWSKMS kms() {
    return AWSKMSClientBuilder.standard()
        .withCredentials(CREDENTIALS)
        .withEndpointConfiguration(endpoint("KMS_ENDPOINT"))
        .build();
  }

  private static EncryptionMaterialsProvider materials(JsonNode call) throws Exception {
    String kind = call.get("keys").asText();
    if (kind.equals("kms")) {
      KMSEncryptionMaterials kms = new KMSEncryptionMaterials(System.getenv("KMS_KEY_ID"));
      if (call.hasNonNull("context")) kms.addDescription("tenant", call.get("context").asText());
      return new KMSEncryptionMaterialsProvider(kms);
    }
    if (kind.equals("aes")) {
      return provider(new EncryptionMaterials(new SecretKeySpec(bytes("AES_KEY"), "AES")));
    }
    KeyFactory factory = KeyFactory.getInstance("RSA");
    return provider(
        new EncryptionMaterials(
            new KeyPair(
                factory.generatePublic(new X509EncodedKeySpec(bytes("RSA_PUBLIC_KEY"))),
                factory.generatePrivate(new PKCS8EncodedKeySpec(bytes("RSA_PRIVATE_KEY"))))));
  }

  private static EncryptionMaterialsProvider provider(EncryptionMaterials materials) {
    return new StaticEncryptionMaterialsProvider(materials);
  }

  private static byte[] bytes(String name) {
    return Base64.getDecoder().decode(System.getenv(name));
  }
}
