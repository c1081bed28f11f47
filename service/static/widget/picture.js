import { el, press, tool } from "./dom.js";
import { CROSS } from "./sheet.js";

const EDGE = 2_048;
const QUALITY = 0.86;
const THUMB = 440;
const TOO_MUCH = 40 * 2 ** 20; // bytes of a file no phone decodes in good time

/** The file as a JPEG of a size that is quick to send, without what the camera wrote beside it. Throws words. */
export async function shrunk(file) {
  if (file.size > TOO_MUCH) throw new Error("图片太大了，请换一张");
  const canvas = await painted(file, EDGE).catch(() => {
    throw new Error("这个文件不是能打开的图片");
  });
  return new Promise((done) => canvas.toBlob(done, "image/jpeg", QUALITY));
}

/** A canvas, so that a page that allows pictures from nowhere shows it as well. */
export async function painted(blob, edge) {
  const image = await createImageBitmap(blob);
  const canvas = room(image, edge);
  const paper = canvas.getContext("2d");
  paper.fillStyle = "#fff"; // under what is see-through
  paper.fillRect(0, 0, canvas.width, canvas.height);
  paper.drawImage(image, 0, 0, canvas.width, canvas.height);
  return canvas;
}

/** The picture of a message: small, and large when it is pressed. `load` resolves to its JPEG. */
export function pictureOf(size, load) {
  let act = show;
  const node = press("picture", () => act(), room(size, THUMB));
  node.ariaLabel = "图片，点开看大图";
  async function show() {
    try {
      const blob = await load();
      node.replaceChildren(await painted(blob, THUMB));
      act = () => enlarge(node.getRootNode(), blob);
    } catch {
      node.replaceChildren("图片没有加载出来，点此重试");
    }
  }
  show();
  return node;
}

async function enlarge(root, blob) {
  const close = () => view.close();
  const view = el("dialog.view", { "aria-label": "大图", onclick: close, onclose: () => view.remove() });
  view.append(await painted(blob, EDGE), tool("关闭大图", CROSS, close));
  root.append(view);
  view.showModal();
}

function room({ width, height }, edge) {
  const ratio = Math.min(1, edge / Math.max(width, height));
  return el("canvas", { width: Math.round(width * ratio), height: Math.round(height * ratio) });
}
