// Fills forms as a person with a browser would: ODK's own engine runs the form, this program only answers its questions.
// Reads jobs as JSON from standard input, writes one filled form for each to standard output. Run by tests/engine/client.py.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import type { AnyNode, InputNode, LoadFormResult, RootNode, SelectNode, UploadNode } from "@getodk/xforms-engine";
import { Dice } from "./dice.ts";
import { candidates } from "./values.ts";

interface Job {
  xform: string;
  lists: Record<string, string>; // file name → CSV; a list that is not here is missing on this phone
  seed: number;
  given: Record<string, string>; // path without positions → answer; "" leaves the question empty, "3" of a repeat adds rows
  answerOptional: number; // how often a question that is not demanded is answered, 0 to 1
  device: string;
}

interface Filled {
  xml: string;
  files: Record<string, string>; // base64
  answers: { path: string; value: string }[]; // what a person answered, in order
  shown: Record<string, string>; // notes and calculations at the end, by path
  violations: string[];
}

const TRIES = 400;

// the packages of the pages are the packages of this program
const web = createRequire(new URL("../../api/web/package.json", import.meta.url));
const { JSDOM } = web("jsdom") as typeof import("jsdom");
const { window } = new JSDOM("", { url: "http://localhost/" });
for (const name of ["DOMParser", "XMLSerializer", "XPathResult", "Node", "Element", "Document", "Attr", "Text", "document", "localStorage"]) {
  Object.defineProperty(globalThis, name, { value: (window as never)[name], configurable: true });
}
Object.defineProperty(globalThis, "window", { value: globalThis, configurable: true });
// the engine is bundled for browsers: its XPath parser takes Node's branch and asks for a name that modules do not have
Object.defineProperty(globalThis, "__dirname", { value: ".", configurable: true });
const { loadForm } = (await import(
  pathToFileURL(web.resolve("@getodk/xforms-engine")).href
)) as typeof import("@getodk/xforms-engine");

const forms = new Map<string, Promise<LoadFormResult>>();

/** A form with its lists, loaded once however often it is filled. */
function loaded(job: Job): Promise<LoadFormResult> {
  const key = JSON.stringify([job.xform, job.lists]);
  const found = forms.get(key) ?? loadForm(job.xform, {
    missingResourceBehavior: "BLANK",
    fetchFormAttachment: async (url) => {
      const name = decodeURIComponent(url.href.split("/").at(-1) ?? "");
      const list = job.lists[name];
      return list === undefined
        ? new Response("", { status: 404 })
        : new Response(list, { headers: { "Content-Type": "text/csv; charset=utf-8" } });
    },
  });
  forms.set(key, found as Promise<LoadFormResult>);
  return found as Promise<LoadFormResult>;
}

class Person {
  readonly answers: { path: string; value: string }[] = [];
  readonly refused: string[] = [];
  readonly dice: Dice;
  private readonly done = new Set<string>();
  private readonly job: Job;

  constructor(job: Job) {
    this.job = job;
    this.dice = new Dice(job.seed);
  }

  /** Go through the form again and again until nothing new is asked: an answer may open questions before it. */
  fill(root: RootNode): void {
    let before = -1;
    while (this.done.size !== before) {
      before = this.done.size;
      this.visit(root);
    }
  }

  private visit(node: AnyNode): void {
    const { currentState: state } = node;
    if (!state.relevant) return;
    if (node.nodeType === "repeat-range:uncontrolled" && !this.done.has(node.nodeId)) {
      this.done.add(node.nodeId);
      const rows = Number(this.given(state.reference) ?? String(1 + this.dice.upTo(3)));
      if (rows > state.children.length) node.addInstances(undefined, rows - state.children.length);
      if (rows < state.children.length) node.removeInstances(rows, state.children.length - rows);
    }
    for (const child of node.currentState.children ?? []) this.visit(child as AnyNode);
    if (this.done.has(node.nodeId) || state.readonly) return;
    if (node.nodeType === "input" || node.nodeType === "select" || node.nodeType === "upload") {
      this.done.add(node.nodeId);
      this.answer(node);
    }
  }

  private given(reference: string): string | undefined {
    return this.job.given[reference] ?? this.job.given[reference.replace(/\[\d+\]/g, "")];
  }

  private answer(node: InputNode | SelectNode | UploadNode): void {
    const given = this.given(node.currentState.reference);
    if (given === "") return;
    if (given === undefined && !node.currentState.required && this.dice.share() >= this.job.answerOptional) return;
    for (let attempt = 0; attempt < (given === undefined ? TRIES : 1); attempt++) {
      this.put(node, given);
      if (node.validationState.violation === null && node.currentState.instanceValue !== "") {
        this.answers.push({ path: node.currentState.reference, value: node.currentState.instanceValue });
        return;
      }
    }
    this.refused.push(node.currentState.reference);
  }

  private put(node: InputNode | SelectNode | UploadNode, given: string | undefined): void {
    if (node.nodeType === "upload") {
      const bytes = [0xff, 0xd8, 0xff, 0xe0, ...Array.from({ length: 40 }, () => this.dice.upTo(256))];
      node.setValue(new File([new Uint8Array(bytes)], given ?? "taken.jpg", { type: "image/jpeg" }));
    } else if (node.nodeType === "select") {
      const names = node.currentState.valueOptions.map((option) => option.value);
      const some = node.selectType === "select" ? this.dice.some(names) : names.length ? [this.dice.one(names)] : [];
      node.selectValues(given === undefined ? some : given.split(" "));
    } else {
      const value = given ?? candidates(node.valueType, this.dice, this.job.seed);
      // the codec of each type reads what a client writes; the types of 0.22 say only what it returns
      (node.setValue as (value: unknown) => void)(value);
    }
  }
}

/** What the form shows and computes at the end, by path. */
function* ending(node: AnyNode): Generator<[string, string]> {
  const state = node.currentState;
  if (!state.relevant) return;
  if (node.nodeType === "note") yield [state.reference, state.label?.asString ?? ""];
  if (node.nodeType === "model-value") yield [state.reference, node.currentState.instanceValue];
  for (const child of state.children ?? []) yield* ending(child as AnyNode);
}

async function fill(job: Job): Promise<Filled> {
  const form = await loaded(job);
  if (form.status === "failure") throw form.error;
  const { root } = form.createInstance({ preloadProperties: { deviceID: job.device, username: "engine" } });
  const person = new Person(job);
  person.fill(root);
  const payload = await root.prepareInstancePayload({ payloadType: "monolithic" });
  const files: Record<string, string> = {};
  let xml = "";
  for (const [name, file] of payload.data[0].entries()) {
    if (name === "xml_submission_file") xml = await file.text();
    else files[name] = Buffer.from(await file.arrayBuffer()).toString("base64");
  }
  const violations = (payload.violations ?? []).map((found) => ("reference" in found ? found.reference : found.fileName));
  return {
    xml,
    files,
    answers: person.answers,
    shown: Object.fromEntries(ending(root as AnyNode)),
    violations: [...new Set([...violations, ...person.refused])],
  };
}

const jobs = JSON.parse(readFileSync(0, "utf8")) as Job[];
const filled: Filled[] = [];
for (const job of jobs) filled.push(await fill(job));
process.stdout.write(JSON.stringify(filled));
