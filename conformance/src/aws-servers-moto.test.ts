// The breadth of services, each in its own protocol, on moto's server.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { ServiceError, Session } from "@lambdad/aws";
import { type AwsServer, serverCredentials, startMoto } from "./aws-servers.ts";
import { moto } from "./install/aws-parts.ts";
import { prepare } from "./prepare.ts";

const folder = await prepare(moto);
const account = "123456789012";

/** The empty ZIP archive. */
const emptyArchive = Buffer.from(`504b0506${"00".repeat(18)}`, "hex");

describe("services of moto", { skip: folder === undefined }, () => {
  let server: AwsServer;
  let session: Session;

  before(async () => {
    server = await startMoto(folder ?? "");
    session = new Session({
      endpoint: server.endpoint,
      region: "us-east-1",
      credentials: serverCredentials,
    });
  });
  after(async () => {
    await session.close();
    await server.stop();
  });

  test("ssm: parameters are written, read, listed by path and missed (awsJson 1.1)", async () => {
    const ssm = session.client("ssm");
    const names = Array.from({ length: 12 }, (_, index) => `/conformance/u-${index}`);
    for (const Name of names) {
      await ssm.putParameter({ Name, Value: `value ü of ${Name}`, Type: "String" });
    }
    const { Parameter } = await ssm.getParameter({ Name: "/conformance/u-3" });
    assert.equal(Parameter?.Value, "value ü of /conformance/u-3");
    assert.equal(Parameter?.Version, 1);
    assert.ok(Parameter?.LastModifiedDate instanceof Date);
    const found: (string | undefined)[] = [];
    const pages = ssm.paginate.getParametersByPath(
      { Path: "/conformance", Recursive: true },
      { pageSize: 5 },
    );
    for await (const page of pages) found.push(...(page.Parameters ?? []).map(({ Name }) => Name));
    assert.deepEqual(new Set(found), new Set(names));
    assert.equal(found.length, names.length);
    await assert.rejects(ssm.getParameter({ Name: "/none" }), (error: unknown) => {
      assert.ok(error instanceof ssm.errors.ParameterNotFound, String(error));
      assert.equal(error.$fault, "client");
      return true;
    });
  });

  test("sqs: messages go and come with their digests checked (awsJson 1.0)", async () => {
    const sqs = session.client("sqs");
    const { QueueUrl = "" } = await sqs.createQueue({
      QueueName: "conformance",
      Attributes: { VisibilityTimeout: "30" },
    });
    const MessageAttributes = {
      text: { DataType: "String", StringValue: "ü & <more>" },
      number: { DataType: "Number", StringValue: "1.5" },
      bytes: { DataType: "Binary", BinaryValue: Buffer.from([0, 1, 255]) },
    };
    const sent = await sqs.sendMessage({ QueueUrl, MessageBody: "ü 💡", MessageAttributes });
    assert.notEqual(sent.MessageId, undefined);
    const Entries = ["a", "b"].map((Id) => ({ Id, MessageBody: `batch ${Id}` }));
    const batch = await sqs.sendMessageBatch({ QueueUrl, Entries });
    assert.equal(batch.Successful?.length, 2);
    const { Messages = [] } = await sqs.receiveMessage({
      QueueUrl,
      MaxNumberOfMessages: 10,
      MessageAttributeNames: ["All"],
    });
    const first = Messages.find(({ Body }) => Body === "ü 💡");
    assert.equal(first?.MessageAttributes?.["text"]?.StringValue, "ü & <more>");
    assert.deepEqual(
      Buffer.from(first?.MessageAttributes?.["bytes"]?.BinaryValue ?? []),
      MessageAttributes.bytes.BinaryValue,
    );
    for (const { ReceiptHandle = "" } of Messages) {
      await sqs.deleteMessage({ QueueUrl, ReceiptHandle });
    }
    const missing = `${QueueUrl}-none`;
    await assert.rejects(sqs.getQueueAttributes({ QueueUrl: missing }), (error: unknown) => {
      assert.ok(error instanceof ServiceError, String(error));
      // The name is the model's, the code that of the protocol that came before.
      assert.equal(error.name, "QueueDoesNotExist");
      return true;
    });
  });

  test("sts: identities and temporary keys (query)", async () => {
    const sts = session.client("sts");
    const identity = await sts.getCallerIdentity();
    assert.equal(identity.Account, account);
    const { Credentials, AssumedRoleUser } = await sts.assumeRole({
      RoleArn: `arn:aws:iam::${account}:role/conformance`,
      RoleSessionName: "conformance",
      DurationSeconds: 900,
    });
    assert.ok(Credentials?.Expiration instanceof Date);
    assert.match(AssumedRoleUser?.Arn ?? "", /assumed-role\/conformance\/conformance/);
    await using temporary = new Session({
      endpoint: server.endpoint,
      region: "us-east-1",
      credentials: {
        accessKeyId: Credentials?.AccessKeyId ?? "",
        secretAccessKey: Credentials?.SecretAccessKey ?? "",
        sessionToken: Credentials?.SessionToken ?? "",
      },
    });
    const assumed = await temporary.client("sts").getCallerIdentity();
    assert.equal(assumed.Arn, AssumedRoleUser?.Arn);
    assert.notEqual(identity.$metadata.requestId, undefined);
  });

  test("organizations: roots, units and accounts (awsJson 1.1)", async () => {
    const organizations = session.client("organizations");
    const missing = organizations.listRoots();
    await assert.rejects(missing, { name: "AWSOrganizationsNotInUseException" });
    const { Organization } = await organizations.createOrganization({ FeatureSet: "ALL" });
    assert.equal(Organization?.MasterAccountId, account);
    const { Roots = [] } = await organizations.listRoots();
    assert.equal(Roots.length, 1);
    const ParentId = Roots[0]?.Id ?? "";
    const unit = await organizations.createOrganizationalUnit({ ParentId, Name: "Ünit" });
    assert.equal(unit.OrganizationalUnit?.Name, "Ünit");
    for (const name of ["one", "two", "three"]) {
      const Email = `${name}@example.com`;
      await organizations.createAccount({ AccountName: name, Email });
    }
    const { Accounts = [] } = await organizations.listAccounts();
    assert.equal(Accounts.length, 4);
    assert.ok(Accounts.every(({ JoinedTimestamp }) => JoinedTimestamp instanceof Date));
  });

  test("ec2: instances are run, described by filters, and missed (ec2)", async () => {
    const ec2 = session.client("ec2") as unknown as Ec2;
    const { Vpcs = [] } = await ec2.describeVpcs();
    assert.equal(Vpcs.length, 1);
    const { Images = [] } = await ec2.describeImages({ MaxResults: 5 });
    const run = await ec2.runInstances({
      ImageId: Images[0]?.ImageId ?? "ami-12c6146b",
      MinCount: 2,
      MaxCount: 2,
      InstanceType: "t3.micro",
      TagSpecifications: [
        { ResourceType: "instance", Tags: [{ Key: "name", Value: "ü & <tag>" }] },
      ],
    });
    assert.equal(run.Instances?.length, 2);
    assert.ok(run.Instances?.[0]?.LaunchTime instanceof Date);
    const { Reservations = [] } = await ec2.describeInstances({
      Filters: [{ Name: "tag:name", Values: ["ü & <tag>"] }],
    });
    const instances = Reservations.flatMap(({ Instances = [] }) => Instances);
    assert.equal(instances.length, 2);
    assert.equal(instances[0]?.State?.Name, "running");
    await assert.rejects(
      ec2.describeInstances({ InstanceIds: ["i-0123456789abcdef0"] }),
      (error: unknown) => {
        assert.ok(error instanceof ServiceError, String(error));
        assert.equal(error.code, "InvalidInstanceID.NotFound");
        return true;
      },
    );
  });

  for (const protocol of ["json", "query"] as const) {
    test(`cloudwatch: metrics are put, compressed, and read (${protocol})`, async () => {
      const cloudwatch = session.client("cloudwatch", { protocol });
      const Namespace = `Conformance/${protocol}`;
      const Timestamp = new Date(Math.floor(Date.now() / 60_000) * 60_000 - 60_000);
      // Above 10,240 bytes the body is compressed.
      const MetricData = Array.from({ length: 100 }, (_, index) => ({
        MetricName: `metric-${index}-with-a-name-that-is-long-enough-to-fill-the-request`,
        Dimensions: [{ Name: "index", Value: String(index) }],
        Value: index + 0.5,
        Unit: "Milliseconds",
        Timestamp,
      }));
      await cloudwatch.putMetricData({ Namespace, MetricData });
      const { Datapoints = [] } = await cloudwatch.getMetricStatistics({
        Namespace,
        MetricName: MetricData[7]?.MetricName ?? "",
        Dimensions: MetricData[7]?.Dimensions,
        StartTime: new Date(Timestamp.getTime() - 600_000),
        EndTime: new Date(Timestamp.getTime() + 600_000),
        Period: 60,
        Statistics: ["Sum"],
      });
      assert.deepEqual(
        Datapoints.map(({ Sum }) => Sum),
        [7.5],
      );
      assert.ok(Datapoints[0]?.Timestamp instanceof Date);
    });
  }

  test("iam: users and policies, and their errors (query)", async () => {
    const iam = session.client("iam");
    const UserName = "conformance";
    const { User } = await iam.createUser({ UserName, Tags: [{ Key: "a", Value: "ü & b" }] });
    assert.equal(User?.UserName, UserName);
    assert.ok(User?.CreateDate instanceof Date);
    const Statement = [{ Effect: "Allow", Action: "s3:*", Resource: "*" }];
    const PolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement });
    await iam.putUserPolicy({ UserName, PolicyName: "inline", PolicyDocument });
    const policy = await iam.getUserPolicy({ UserName, PolicyName: "inline" });
    assert.equal(policy.PolicyName, "inline");
    const { Users = [], IsTruncated } = await iam.listUsers();
    assert.equal(Users.length, 1);
    assert.equal(IsTruncated, false);
    await assert.rejects(iam.createUser({ UserName }), (error: unknown) => {
      assert.ok(error instanceof iam.errors.EntityAlreadyExistsException, String(error));
      assert.equal(error.code, "EntityAlreadyExists");
      return true;
    });
    await assert.rejects(iam.getUser({ UserName: "none" }), { code: "NoSuchEntity" });
  });

  test("sns: topics and messages (query)", async () => {
    const sns = session.client("sns");
    const { TopicArn = "" } = await sns.createTopic({
      Name: "conformance",
      Attributes: { DisplayName: "Ünit & <more>" },
    });
    const { Attributes } = await sns.getTopicAttributes({ TopicArn });
    assert.equal(Attributes?.["DisplayName"], "Ünit & <more>");
    const { MessageId } = await sns.publish({
      TopicArn,
      Message: "ü 💡 & more",
      MessageAttributes: { bytes: { DataType: "Binary", BinaryValue: Buffer.from([0, 255]) } },
    });
    assert.notEqual(MessageId, undefined);
    const missing = sns.publish({ TopicArn: `${TopicArn}-none`, Message: "x" });
    await assert.rejects(missing, { code: "NotFound" });
  });

  test("lambda: functions are made, listed and deleted (restJson1)", async () => {
    const { Role } = await session.client("iam").createRole({
      RoleName: "conformance",
      AssumeRolePolicyDocument: JSON.stringify({ Version: "2012-10-17", Statement: [] }),
    });
    const lambda = session.client("lambda");
    const FunctionName = "conformance";
    const made = await lambda.createFunction({
      FunctionName,
      Role: Role?.Arn ?? "",
      Runtime: "nodejs22.x",
      Handler: "index.handler",
      Code: { ZipFile: emptyArchive },
      Environment: { Variables: { NAME: "ü & value" } },
      Timeout: 7,
    });
    assert.equal(made.Environment?.Variables?.["NAME"], "ü & value");
    const got = await lambda.getFunctionConfiguration({ FunctionName });
    assert.equal(got.Timeout, 7);
    const { Functions = [] } = await lambda.listFunctions({ MaxItems: 10 });
    assert.deepEqual(
      Functions.map((one) => one.FunctionName),
      [FunctionName],
    );
    await lambda.deleteFunction({ FunctionName });
    await assert.rejects(lambda.getFunction({ FunctionName }), {
      name: "ResourceNotFoundException",
    });
  });

  test("stepfunctions: state machines by either name of the service (awsJson 1.0)", async () => {
    const definition = JSON.stringify({ StartAt: "a", States: { a: { Type: "Pass", End: true } } });
    const made = await session.client("stepfunctions").createStateMachine({
      name: "conformance",
      definition,
      roleArn: `arn:aws:iam::${account}:role/conformance`,
    });
    assert.ok(made.creationDate instanceof Date);
    const { stateMachineArn = "" } = made;
    const described = await session.client("sfn").describeStateMachine({ stateMachineArn });
    assert.equal(described["definition"], definition);
  });

  test("route53, events, secretsmanager, kms and logs", async () => {
    const route53 = session.client("route53") as unknown as Route53;
    const zone = await route53.createHostedZone({ Name: "example.com.", CallerReference: "1" });
    const { Id = "" } = zone.HostedZone ?? {};
    const ResourceRecordSet = {
      Name: "www.example.com.",
      Type: "A",
      TTL: 60,
      ResourceRecords: [{ Value: "192.0.2.1" }],
    };
    // The id has a path in front, which is not part of the URL.
    await route53.changeResourceRecordSets({
      HostedZoneId: Id,
      ChangeBatch: { Changes: [{ Action: "CREATE", ResourceRecordSet }] },
    });
    const rule = await session
      .client("events")
      .putRule({ Name: "conformance", ScheduleExpression: "rate(1 day)" });
    assert.match(String(rule["RuleArn"]), /rule\/conformance$/);
    const secrets = session.client("secretsmanager");
    await secrets.createSecret({ Name: "conformance", SecretBinary: Buffer.from([0, 1, 255]) });
    const secret = await secrets.getSecretValue({ SecretId: "conformance" });
    assert.deepEqual(Buffer.from(secret["SecretBinary"] as Uint8Array), Buffer.from([0, 1, 255]));
    const kms = session.client("kms");
    const { KeyMetadata } = (await kms.createKey()) as { KeyMetadata?: { KeyId?: string } };
    const Plaintext = Buffer.from("secret ü");
    const encrypted = await kms.encrypt({ KeyId: KeyMetadata?.KeyId ?? "", Plaintext });
    const decrypted = await kms.decrypt({ CiphertextBlob: encrypted["CiphertextBlob"] });
    assert.deepEqual(Buffer.from(decrypted["Plaintext"] as Uint8Array), Plaintext);
    const logs = session.client("logs");
    await logs.createLogGroup({ logGroupName: "conformance" });
    const groups = await logs.describeLogGroups({ logGroupNamePrefix: "conf" });
    assert.equal((groups["logGroups"] as unknown[]).length, 1);
  });
});

type Call<Output = unknown> = (input?: object) => Promise<Output>;

/** Services whose types come by an entry of their own, which no package of this repository imports. */
interface Ec2 {
  readonly describeVpcs: Call<{ readonly Vpcs?: readonly unknown[] }>;
  readonly describeImages: Call<{ readonly Images?: readonly { readonly ImageId?: string }[] }>;
  readonly runInstances: Call<{ readonly Instances?: readonly Instance[] }>;
  readonly describeInstances: Call<{
    readonly Reservations?: readonly { readonly Instances?: readonly Instance[] }[];
  }>;
}

interface Instance {
  readonly LaunchTime?: Date;
  readonly State?: { readonly Name?: string };
}

interface Route53 {
  readonly createHostedZone: Call<{ readonly HostedZone?: { readonly Id?: string } }>;
  readonly changeResourceRecordSets: Call;
}
