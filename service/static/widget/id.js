/** A new message's id: 128 random bits. (crypto.randomUUID would need https; shops are tried out over plain LAN addresses.) */
export function newId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
