import { Attr, type Condition, Key } from "@lambdad/aws";

/** An item with every kind of value, and with names that need care. */
export const item: {
  readonly pk: string;
  readonly sk: number;
  readonly large: bigint;
  readonly [name: string]: unknown;
} = {
  pk: "conditions",
  sk: 1,
  text: "hello world",
  number: 5,
  large: 12_345_678_901_234_567_890n,
  bytes: Buffer.from([1, 2, 3]),
  flag: true,
  nothing: null,
  colours: new Set(["red", "green"]),
  list: [1, "two", { three: 3 }],
  map: { deep: { deeper: "value" }, size: 7 },
  size: 9,
  "dotted.name": "dot",
  "brackets[0]": "bracket",
  "ünïcode 💡": "light",
};

/** Conditions that hold for the item, by what they show. */
export const holds: readonly (readonly [string, Condition])[] = [
  ["eq of text", Attr("text").eq("hello world")],
  ["eq of a number", Attr("number").eq(5)],
  ["eq of a large integer", Attr("large").eq(12_345_678_901_234_567_890n)],
  ["eq of bytes", Attr("bytes").eq(Buffer.from([1, 2, 3]))],
  ["eq of a flag", Attr("flag").eq(true)],
  ["eq of null", Attr("nothing").eq(null)],
  ["eq of a set", Attr("colours").eq(new Set(["green", "red"]))],
  ["eq of a list", Attr("list").eq([1, "two", { three: 3 }])],
  ["eq of another attribute", Attr("map.size").ne(Attr("size"))],
  ["ne", Attr("number").ne(6)],
  ["ne of what is not there", Attr("missing").ne(6)],
  ["lt", Attr("number").lt(6)],
  ["lte", Attr("number").lte(5)],
  ["gt", Attr("number").gt(4.5)],
  ["gte", Attr("number").gte(5)],
  ["lt of another attribute", Attr("map.size").lt(Attr("size"))],
  ["between", Attr("number").between(5, 6)],
  ["beginsWith of text", Attr("text").beginsWith("hello")],
  ["beginsWith of bytes", Attr("bytes").beginsWith(Buffer.from([1]))],
  ["in", Attr("number").in([4, 5])],
  ["in a hundred", Attr("number").in(Array.from({ length: 100 }, (_, index) => index))],
  ["exists", Attr("nothing").exists()],
  ["notExists", Attr("missing").notExists()],
  ["contains of text", Attr("text").contains("lo wo")],
  ["contains of a set", Attr("colours").contains("red")],
  ["contains of a list", Attr("list").contains("two")],
  ["size", Attr("text").size().eq(11)],
  ["size of a list", Attr("list").size().between(3, 4)],
  ["size in", Attr("colours").size().in([1, 2])],
  ["size ne, lt, lte, gt, gte", sizes("bytes", 3)],
  ["size against an attribute", Attr("map").size().lt(Attr("number"))],
  ["attributeType", Attr("colours").attributeType("SS")],
  ["a nested path", Attr("map.deep.deeper").eq("value")],
  ["a path into a list", Attr("list[2].three").eq(3)],
  ["a name with a dot", Attr(["dotted.name"]).eq("dot")],
  ["a name with brackets", Attr(["brackets[0]"]).eq("bracket")],
  ["a name that is no identifier", Attr("ünïcode 💡").eq("light")],
  ["a reserved word", Attr("size").eq(9)],
  ["Key in a condition", Key("pk").eq("conditions")],
  ["and", Attr("number").eq(5).and(Attr("flag").eq(true), Attr("size").eq(9))],
  ["or", Attr("number").eq(0).or(Attr("flag").eq(true))],
  ["not", Attr("number").eq(0).not()],
  ["not of and", Attr("number").eq(5).and(Attr("flag").eq(false)).not()],
  [
    "or within and",
    Attr("number")
      .eq(0)
      .or(Attr("flag").eq(true))
      .and(Attr("size").eq(9).or(Attr("size").eq(8))),
  ],
  ["and within or", Attr("size").eq(9).and(Attr("flag").eq(false)).or(Attr("number").eq(5))],
  ["not not", Attr("number").eq(5).not().not()],
  [
    "a hundred terms",
    Array.from({ length: 100 }, (_, index) => Attr("number").ne(index + 10)).reduce((all, next) =>
      all.and(next),
    ),
  ],
];

/** Everything that holds of a size. */
function sizes(name: string, size: number): Condition<"attribute"> {
  const of = Attr(name).size();
  const all = [of.ne(size + 1), of.lt(size + 1), of.lte(size), of.gt(size - 1), of.gte(size)];
  return all.reduce((conditions, next) => conditions.and(next));
}
