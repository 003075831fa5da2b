// The sign of one piece of evidence: one character for its kind, its shape for who went, its fill for where review
// stands, its ring for doubt.
import { SEVERITY_COLOURS, STATE_COLOURS } from "./colours";

const PIXELS = 56;
const DARK = new Set(["accepted", "returned", "rejected"]);
const FONT = '"Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif';

export interface Sign {
  kind: string;
  purpose: string;
  state: string;
  severity: string;
}

/** The name under which the map asks for a sign. */
export function nameOf(sign: Sign): string {
  return ["sign", sign.kind, sign.purpose, sign.state, sign.severity].join("|");
}

/** The sign that a name stands for; nothing when it is no name of a sign. */
export function signOf(name: string): Sign | undefined {
  const [begin, kind, purpose, state, severity] = name.split("|");
  if (begin !== "sign" || kind === undefined || purpose === undefined || state === undefined) return undefined;
  return { kind, purpose, state, severity: severity ?? "" };
}

/** Draw a sign with the character of its kind; twice as large as shown, for sharp screens. */
export function drawSign(sign: Sign, character: string | undefined): ImageData {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = PIXELS;
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  if (!pen) return new ImageData(PIXELS, PIXELS);
  const middle = PIXELS / 2;
  if (sign.severity) {
    pen.strokeStyle = SEVERITY_COLOURS[sign.severity] ?? "#000";
    pen.lineWidth = sign.severity === "doubt" ? 6 : 4;
    if (sign.severity === "look") pen.setLineDash([7, 5]);
    shape(pen, sign.purpose, middle, middle - 4);
    pen.stroke();
    pen.setLineDash([]);
  }
  pen.fillStyle = STATE_COLOURS[sign.state] ?? "#fff";
  pen.strokeStyle = "#fffefb";
  pen.lineWidth = 3;
  shape(pen, sign.purpose, middle, middle - 10);
  pen.fill();
  pen.strokeStyle = DARK.has(sign.state) ? (STATE_COLOURS[sign.state] ?? "#000") : "#0f5e73";
  pen.stroke();
  pen.fillStyle = DARK.has(sign.state) ? "#fff" : "#0a4453";
  pen.font = `600 22px ${FONT}`;
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.fillText(character ?? "·", middle, middle + 1);
  return pen.getImageData(0, 0, PIXELS, PIXELS);
}

/** A circle for the township's, a diamond for the county's. */
function shape(pen: CanvasRenderingContext2D, purpose: string, middle: number, radius: number): void {
  pen.beginPath();
  if (purpose === "spot_check") {
    const reach = radius * 1.12;
    pen.moveTo(middle, middle - reach);
    pen.lineTo(middle + reach, middle);
    pen.lineTo(middle, middle + reach);
    pen.lineTo(middle - reach, middle);
    pen.closePath();
  } else {
    pen.arc(middle, middle, radius, 0, Math.PI * 2);
  }
}

/** Draw a small house: where the roll says a household lives. */
export function drawHouse(): ImageData {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 32;
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  if (!pen) return new ImageData(32, 32);
  pen.fillStyle = "#fffefb";
  pen.strokeStyle = "#5a5f66";
  pen.lineWidth = 2.5;
  pen.lineJoin = "round";
  pen.beginPath();
  pen.moveTo(16, 5);
  pen.lineTo(28, 15);
  pen.lineTo(24, 15);
  pen.lineTo(24, 27);
  pen.lineTo(8, 27);
  pen.lineTo(8, 15);
  pen.lineTo(4, 15);
  pen.closePath();
  pen.fill();
  pen.stroke();
  return pen.getImageData(0, 0, 32, 32);
}
