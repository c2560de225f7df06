/** The same function as `hello.py`. */
export async function handler({ name }) {
  console.log(`Greeting ${name}`);
  return { greeting: `Hello, ${name}` };
}
