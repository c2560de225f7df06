import { compileExpression, type Expression } from "../expression/compile-expression.ts";
import type { PaginatorModel } from "../model/model.ts";

/** A paginator's model with its expressions compiled; one per operation. */
export interface CompiledPaginator {
  readonly inputTokens: readonly string[];
  readonly outputTokens: readonly Expression[];
  readonly moreResults: Expression | undefined;
  readonly resultKeys: readonly string[];
  readonly results: readonly Expression[];
}

const compiled = new WeakMap<PaginatorModel, CompiledPaginator>();

/** Compiles the expressions of a paginator, once. @throws TypeError for one that is not understood. */
export function compilePaginator(model: PaginatorModel): CompiledPaginator {
  let known = compiled.get(model);
  if (known === undefined) {
    known = {
      inputTokens: model.inputTokens,
      outputTokens: model.outputTokens.map(compileExpression),
      moreResults:
        model.moreResults === undefined ? undefined : compileExpression(model.moreResults),
      resultKeys: model.resultKeys,
      results: model.resultKeys.map(compileExpression),
    };
    compiled.set(model, known);
  }
  return known;
}
