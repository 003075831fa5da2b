// A line at the foot of the page for what went wrong between this page and the server.

const WORDS = {
  zh: { offline: "连接服务器失败，刚才的操作没有保存。请检查网络后重试。", close: "关闭" },
  en: { offline: "The server cannot be reached; your last step was not saved. Check the network and try again.", close: "Close" },
};

/** The words of the page's language; Chinese where there are none yet. */
export function words(): (typeof WORDS)["zh"] {
  return document.documentElement.lang.startsWith("en") ? WORDS.en : WORDS.zh;
}

/** Show one message until it is closed or the next one takes its place. */
export function notify(message: string): void {
  document.getElementById("notice")?.remove();
  const notice = document.createElement("div");
  notice.id = "notice";
  notice.className = "notice";
  notice.setAttribute("role", "alert");
  const text = document.createElement("p");
  text.textContent = message; // never markup: part of it may come from the server
  const close = document.createElement("button");
  close.type = "button";
  close.className = "btn-close";
  close.setAttribute("aria-label", words().close);
  close.addEventListener("click", () => notice.remove());
  notice.append(text, close);
  document.body.append(notice);
}
