// What must survive a reload: small things in localStorage, pictures in IndexedDB.

const PREFIX = "doorstep.";

/** localStorage that never throws; without it (private mode) things live until a reload. */
export const kept = {
  memory: new Map(),
  get(name, otherwise = null) {
    try {
      const found = localStorage.getItem(PREFIX + name);
      return found === null ? this.memory.get(name) ?? otherwise : JSON.parse(found);
    } catch {
      return this.memory.get(name) ?? otherwise;
    }
  },
  set(name, value) {
    this.memory.set(name, value);
    try {
      localStorage.setItem(PREFIX + name, JSON.stringify(value));
      this.memory.delete(name);
    } catch { /* full or forbidden: the memory has it */ }
  },
  drop(name) {
    this.memory.delete(name);
    try { localStorage.removeItem(PREFIX + name); } catch { /* was never there */ }
  },
};

/** Pictures by key, until the van has them. */
export class Pictures {
  constructor() {
    this.memory = new Map();
    this.opened = new Promise((resolve) => {
      try {
        const request = indexedDB.open("doorstep", 1);
        request.onupgradeneeded = () => request.result.createObjectStore("pictures");
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => resolve(null);
        request.onblocked = () => resolve(null);
      } catch {
        resolve(null);
      }
    });
  }

  async put(key, blob) {
    // As bytes: some browsers cannot keep a Blob.
    const picture = { bytes: await blob.arrayBuffer(), type: blob.type };
    this.memory.set(key, picture);
    try {
      await this.#ask("readwrite", (store) => store.put(picture, key));
    } catch { /* full or forbidden: the memory has it */ }
  }

  async get(key) {
    const picture = this.memory.get(key) ?? await this.#ask("readonly", (store) => store.get(key));
    return picture ? new Blob([picture.bytes], { type: picture.type }) : null;
  }

  async drop(keys) {
    for (const key of keys) {
      this.memory.delete(key);
      await this.#ask("readwrite", (store) => store.delete(key));
    }
  }

  /** Forget every picture that neither the outbox nor a draft names any more. */
  async sweep(wanted) {
    const all = await this.#ask("readonly", (store) => store.getAllKeys()) ?? [];
    await this.drop(all.filter((key) => !wanted.includes(key)));
  }

  async #ask(mode, what) {
    const database = await this.opened;
    if (database === null) return undefined;
    return new Promise((resolve, reject) => {
      const transaction = database.transaction("pictures", mode);
      const request = what(transaction.objectStore("pictures"));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = () => reject(transaction.error);
      transaction.onerror = () => reject(transaction.error);
    });
  }
}

const LONGEST_PX = 1600;
const QUALITY = 0.82;

/** Draw a photo anew: smaller, upright, and without what the camera wrote into it. */
export async function redrawn(file) {
  const url = URL.createObjectURL(file);
  try {
    const image = new Image();
    image.src = url;
    await image.decode();
    const scale = Math.min(1, LONGEST_PX / Math.max(image.naturalWidth, image.naturalHeight));
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(image.naturalWidth * scale));
    canvas.height = Math.max(1, Math.round(image.naturalHeight * scale));
    const pen = canvas.getContext("2d");
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, canvas.width, canvas.height);
    pen.drawImage(image, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", QUALITY));
    if (blob === null) throw new Error("not drawable");
    return blob;
  } finally {
    URL.revokeObjectURL(url);
  }
}
