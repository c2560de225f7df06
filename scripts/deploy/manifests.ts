import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse, parseAllDocuments } from "yaml";
import { root } from "../repository.ts";

/** What the tests read of a Kubernetes object; more may be there. */
export interface Manifest {
  readonly path: string;
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly labels?: Labels;
  };
  readonly spec?: Tree;
  readonly stringData?: Labels;
}

export type Labels = Readonly<Record<string, string>>;

/** YAML of which a test looks at some members. */
export interface Tree {
  readonly [key: string]: Node;
}

export type Node = string | number | boolean | null | undefined | Tree | readonly Node[];

/** One container of a pod template. */
export interface Container {
  readonly name: string;
  readonly image: string;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly env?: readonly EnvVar[];
  readonly ports?: readonly { readonly name: string; readonly containerPort: number }[];
  readonly resources?: { readonly limits?: Labels };
  readonly securityContext?: Tree;
  readonly lifecycle?: Tree;
  readonly volumeMounts?: readonly {
    readonly name: string;
    readonly mountPath: string;
    readonly subPath?: string;
    readonly readOnly?: boolean;
  }[];
  readonly startupProbe?: Probe;
  readonly livenessProbe?: Probe;
  readonly readinessProbe?: Probe;
}

export interface EnvVar {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: { readonly secretKeyRef: { readonly name: string; readonly key: string } };
}

export interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string };
}

/** The pod of a Deployment. */
export interface PodTemplate {
  readonly metadata: { readonly labels: Labels };
  readonly spec: {
    readonly automountServiceAccountToken: boolean;
    readonly terminationGracePeriodSeconds: number;
    readonly securityContext: Tree;
    readonly initContainers?: readonly Container[];
    readonly containers: readonly Container[];
  };
}

/** Every object below `deploy/kubernetes`, kustomizations aside. */
export function readManifests(): readonly Manifest[] {
  return globSync("deploy/kubernetes/**/*.yaml", { cwd: root })
    .filter((path) => !path.endsWith("kustomization.yaml") && !path.endsWith("/secrets.yaml"))
    .sort()
    .flatMap((path) =>
      parseAllDocuments(readFileSync(join(root, path), "utf8")).map((document) => {
        const [error] = document.errors;
        if (error !== undefined) throw new Error(`Cannot read ${path}: ${error.message}`);
        return { ...(document.toJS() as Omit<Manifest, "path">), path };
      }),
    );
}

export function templateOf({ spec }: Manifest): PodTemplate {
  return spec?.["template"] as unknown as PodTemplate;
}

/** One YAML file of `deploy/`. */
export function readYaml(path: string): Tree {
  return parse(readFileSync(join(root, path), "utf8"), { merge: true }) as Tree;
}

/** The members of a mapping; none when there is no mapping. */
export function entriesOf(node: Node): readonly (readonly [string, Node])[] {
  return typeof node === "object" && node !== null ? Object.entries(node) : [];
}

/** Follows keys from a node; `undefined` where there is nothing. */
export function at(node: Node, ...keys: readonly (string | number)[]): Node {
  return keys.reduce<Node>((value, key) => {
    if (typeof value !== "object" || value === null) return undefined;
    return (value as Tree)[key];
  }, node);
}

/** Like `at`, for a text or a number; empty where there is none. */
export function textAt(node: Node, ...keys: readonly (string | number)[]): string {
  const value = at(node, ...keys);
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}
