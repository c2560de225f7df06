/**
 * The property of a resource for a member of an output: its leading capitals lowered, as far as they
 * are one word: `ETag` is `eTag`, `ContentLength` is `contentLength`, `SSEKMSKeyId` is `ssekmsKeyId`.
 * boto3's names (`e_tag`, `ssekms_key_id`), in camel case.
 */
export type AttributeName<Member extends string> = Member extends `${infer First}${infer Rest}`
  ? `${Lowercase<First>}${LowerWord<Rest>}`
  : Member;

/** Capitals are lowered as long as another one follows. */
type LowerWord<Text extends string> = Text extends `${infer First}${infer Second}${infer Rest}`
  ? IsCapital<First> extends true
    ? IsCapital<Second> extends true
      ? `${Lowercase<First>}${LowerWord<`${Second}${Rest}`>}`
      : Text
    : Text
  : Text;

type IsCapital<Letter extends string> = Letter extends Lowercase<Letter> ? false : true;

/** The members of an output as properties of a resource; those that are identifiers are left out. */
export type Attributes<Data, Identifiers extends string = never> = {
  readonly [
    Member in Exclude<keyof Data & string, Identifiers | "$metadata"> as AttributeName<Member>
  ]?: Data[Member];
};

/** The property of a resource for a member of an output. */
export function attributeName(member: string): string {
  return member.replace(/^[A-Z]+?(?=[A-Z][a-z]|[^A-Z]|$)/, (word) => word.toLowerCase());
}
