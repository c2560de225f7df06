import assert from "node:assert/strict";
import { test } from "node:test";
import { loadModel } from "../model/load-model.ts";
import type { PaginatorModel } from "../model/model.ts";
import { serviceNames } from "../model/service-names.ts";
import { compilePaginator } from "./compiled-paginator.ts";

test("every paginator of every model compiles, with tokens in pairs and result keys to cut", () => {
  let count = 0;
  for (const name of serviceNames()) {
    for (const [operation, model] of Object.entries(loadModel(name).paginators)) {
      const where = `${name} ${operation}`;
      compilePaginator(model);
      assert.equal(model.inputTokens.length, model.outputTokens.length, where);
      assert.ok(model.inputTokens.length > 0 && model.resultKeys.length > 0, where);
      for (const key of textsOf(model)) assert.match(key, /^\w+(\.\w+)*$/, where);
      count += 1;
    }
  }
  assert.ok(count > 3000, `${count} paginators`);
});

/** What is a plain path: results are cut there, tokens and limits are put there. */
function textsOf({ inputTokens, limitKey, resultKeys }: PaginatorModel): string[] {
  return [...inputTokens, ...(limitKey === undefined ? [] : [limitKey]), ...resultKeys];
}
