import type { AsyncLocalStorage } from "node:async_hooks";

/** Keys that AWS's `@aws/lambda-invoke-store` reserves: tracers and the SDK read them. */
const keys = {
  requestId: Symbol.for("_AWS_LAMBDA_REQUEST_ID"),
  traceId: Symbol.for("_AWS_LAMBDA_X_RAY_TRACE_ID"),
  tenantId: Symbol.for("_AWS_LAMBDA_TENANT_ID"),
} as const;

type StoreKey = string | symbol;
type StoreContext = Record<StoreKey, unknown>;

/** What is told of the invocation that code belongs to. */
export interface ScopedInvocation {
  readonly requestId: string;
  readonly traceId: string | undefined;
  readonly tenantId: string | undefined;
  /** Wants the lines that its code logs. */
  readonly logged?: ((line: string) => void) | undefined;
}

interface Scope {
  readonly request: ScopedInvocation | undefined;
  context: StoreContext | undefined;
}

/**
 * Knows the invocation that the running code belongs to. With one invocation at a time that is a
 * variable, which keeps its value until the next one; with several it follows the asynchronous calls.
 */
export class InvocationScope {
  readonly #storage: AsyncLocalStorage<Scope> | undefined;
  #single: Scope = { request: undefined, context: undefined };

  constructor(concurrent: boolean) {
    if (!concurrent) return;
    this.#storage = new (process.getBuiltinModule("node:async_hooks").AsyncLocalStorage)();
  }

  readonly current = (): ScopedInvocation | undefined => this.#scope()?.request;

  /** Runs `begin` as part of the invocation. */
  run(request: ScopedInvocation, begin: () => void): void {
    this.#enter({ request, context: undefined }, begin);
  }

  /** What the `InvokeStore` of AWS's global `awslambda` offers. */
  invokeStore(): object {
    const get = (key: StoreKey): unknown => this.#context()?.[key];
    return {
      getContext: () => this.#context(),
      hasContext: () => this.#context() !== undefined,
      get,
      set: (key: StoreKey, value: unknown) => this.#set(key, value),
      run: (context: StoreContext, inner: () => unknown) =>
        this.#enter({ request: this.current(), context }, inner),
      getRequestId: () => get(keys.requestId) ?? "-",
      getXRayTraceId: () => get(keys.traceId),
      getTenantId: () => get(keys.tenantId),
      isProtectedKey,
    };
  }

  #scope(): Scope | undefined {
    return this.#storage === undefined ? this.#single : this.#storage.getStore();
  }

  #enter<T>(scope: Scope, inner: () => T): T {
    if (this.#storage !== undefined) return this.#storage.run(scope, inner);
    this.#single = scope;
    return inner();
  }

  /** Made when somebody asks for it: most functions never do. */
  #context(): StoreContext | undefined {
    const scope = this.#scope();
    if (scope?.context !== undefined || scope?.request === undefined) return scope?.context;
    const { requestId, traceId, tenantId } = scope.request;
    scope.context = { [keys.requestId]: requestId, [keys.traceId]: traceId };
    if (tenantId !== undefined) scope.context[keys.tenantId] = tenantId;
    return scope.context;
  }

  #set(key: StoreKey, value: unknown): void {
    if (isProtectedKey(key)) {
      throw new Error(`Cannot set '${String(key)}': this key belongs to the runtime`);
    }
    const scope = this.#scope();
    if (scope === undefined) {
      throw new Error(`Cannot set '${String(key)}': no invocation runs here`);
    }
    scope.context = this.#context() ?? {};
    scope.context[key] = value;
  }
}

function isProtectedKey(key: StoreKey): boolean {
  return key === keys.requestId || key === keys.traceId || key === keys.tenantId;
}
