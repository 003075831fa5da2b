// The panel beside the map: fragments of pages, made by the server, with links and forms that stay in it.
import htmx from "htmx.org";
import { send } from "../http";
import { say, type Given } from "./given";
import { sayingOf } from "./saying";

export interface Shown {
  seen?: string;
  of?: string;
}
export interface Panel {
  evidence(id: string, again?: boolean): void;
  household(code: string, again?: boolean): void;
  pieces(asked: Record<string, string>): void;
  close(): void;
  /** Hide it without telling: the address already says so. */
  hide(): void;
}

/** Wire the panel. */
export function wirePanel(page: HTMLElement, given: Given, told: { shown(what: Shown): void; changed(): void }): Panel {
  const holder = page.querySelector<HTMLElement>("[data-map-panel]");
  const body = page.querySelector<HTMLElement>("[data-map-panel-body]");
  let asked = 0;

  page.querySelector("[data-map-close]")?.addEventListener("click", () => close());
  body?.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest<HTMLAnchorElement>("a[data-panel]") : null;
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const address = new URL(link.href);
    void load(address, shownBy(address));
  });
  body?.addEventListener("submit", (event) => {
    const form = event.target instanceof HTMLFormElement && event.target.matches("[data-panel]") ? event.target : null;
    if (!form) return;
    event.preventDefault();
    const fields = new FormData(form, event.submitter);
    void load(new URL(form.action), {}, fields).then(() => told.changed());
  });

  function shownBy(address: URL): Shown {
    const { evidence, household } = given.panel;
    if (evidence && address.pathname.startsWith(evidence)) return { seen: decodeURIComponent(address.pathname.slice(evidence.length)) };
    if (household && address.pathname.startsWith(household)) return { of: decodeURIComponent(address.pathname.slice(household.length)) };
    return {};
  }

  async function load(address: URL, what: Shown, fields?: FormData): Promise<void> {
    if (!holder || !body) return;
    const mine = ++asked;
    holder.hidden = false;
    page.toggleAttribute("data-panel-open", true);
    body.setAttribute("aria-busy", "true");
    told.shown(what);
    try {
      const answer = await send(address, { headers: { "X-Panel": "1", Accept: "text/html" }, ...(fields ? { method: "POST", body: fields } : {}) });
      const text = await answer.text();
      if (mine !== asked) return; // another was asked for meanwhile
      if (answer.redirected && new URL(answer.url).pathname.endsWith("/sign-in")) return location.reload(); // no longer signed in: the page asks for it, and comes back
      body.innerHTML = sayingOf(text);
      htmx.process(body);
      document.dispatchEvent(new CustomEvent("ruhu:panel", { detail: body }));
      body.scrollTop = 0;
      holder.focus({ preventScroll: true });
    } catch {
      if (mine === asked) body.replaceChildren(...unreached(fields ? undefined : () => void load(address, what)));
    } finally {
      if (mine === asked) body.removeAttribute("aria-busy");
    }
  }

  /** What stands where an answer should; what was sent is not sent again by itself. */
  function unreached(again?: () => void): HTMLElement[] {
    const words = document.createElement("p");
    words.textContent = say(given.words, "failed");
    if (!again) return [words];
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn";
    button.textContent = say(given.words, "again");
    button.addEventListener("click", again);
    return [words, button];
  }

  function hide(): void {
    asked++;
    if (holder) holder.hidden = true;
    page.toggleAttribute("data-panel-open", false);
  }

  function close(): void {
    if (!holder || holder.hidden) return;
    hide();
    told.shown({});
  }

  const to = (address: string | undefined, rest = ""): URL | undefined => (address ? new URL(address + rest, location.origin) : undefined);
  return {
    evidence(id) {
      const address = to(given.panel.evidence, id);
      if (address) void load(address, { seen: id });
    },
    household(code) {
      const address = to(given.panel.household, encodeURIComponent(code));
      if (address) void load(address, { of: code });
    },
    pieces(wanted) {
      const address = to(given.panel.list);
      if (!address) return;
      for (const [name, value] of Object.entries(wanted)) address.searchParams.set(name, value);
      void load(address, {});
    },
    close,
    hide,
  };
}
