// How scripts talk to the server: same origin, with the token that proves the request came from our own page.

const SAFE = new Set(["GET", "HEAD", "OPTIONS", "TRACE"]);

/** The page's CSRF token, from `<meta name="csrf-token">`; empty on a page without a session. */
export function csrfToken(): string {
  return document.querySelector<HTMLMetaElement>('meta[name="csrf-token"]')?.content ?? "";
}

/** The headers a request of this method must carry to this place; none for another origin. */
export function csrfHeaders(method: string, url: string | URL): Record<string, string> {
  const token = csrfToken();
  const foreign = new URL(url, location.href).origin !== location.origin;
  return SAFE.has(method.toUpperCase()) || foreign || !token ? {} : { "X-CSRFToken": token };
}

/** `fetch`, with the CSRF token on requests that change something. */
export function send(url: string | URL, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers);
  for (const [name, value] of Object.entries(csrfHeaders(init.method ?? "GET", url))) headers.set(name, value);
  return fetch(url, { credentials: "same-origin", ...init, headers });
}
