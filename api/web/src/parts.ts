// Parts of pages that the server sends on their own (htmx): the token they carry, and what is said when they fail.
import { csrfHeaders } from "./http";
import { notify, words } from "./notice";

interface PartEvent {
  ctx: {
    request: { method: string; action: string; headers: Record<string, string> };
    response?: { raw: Response; status: number; headers: Headers };
  };
}

/** A problem (RFC 9457) is for programs: say its words instead of swapping JSON into the page. */
async function sayProblem(response: Response): Promise<void> {
  const problem = (await response.json().catch(() => ({}))) as { title?: string; detail?: string };
  notify([problem.title, problem.detail].filter(Boolean).join(" "));
}

/** Wire htmx once per page; answers with status 4xx and 5xx are swapped like any other, as htmx 4 does. */
export function wireParts(): void {
  document.addEventListener("htmx:config:request", (event) => {
    const { request } = (event as CustomEvent<PartEvent>).detail.ctx;
    Object.assign(request.headers, csrfHeaders(request.method, request.action));
  });
  document.addEventListener("htmx:before:response", (event) => {
    const { response } = (event as CustomEvent<PartEvent>).detail.ctx;
    if (!response?.headers.get("Content-Type")?.startsWith("application/problem+json")) return;
    event.preventDefault();
    void sayProblem(response.raw);
  });
  document.addEventListener("htmx:error", () => notify(words().offline));
}
