/// The page that asks a visitor for the password of a shared app.
enum LoginPage {
    static func html(nonce: String, unlockPath: String) -> String {
        """
        <!doctype html>
        <html lang="en">
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="robots" content="noindex">
        <title>Password</title>
        <style nonce="\(nonce)">
        :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
        body { display: grid; min-height: 90vh; margin: 0; place-content: center; padding: 1rem }
        form { display: grid; gap: .75rem; width: min(20rem, 85vw) }
        label { display: grid; gap: .25rem }
        input, button { font: inherit; padding: .6rem .75rem; border-radius: .5rem; border: 1px solid #8888 }
        button { cursor: pointer }
        p { margin: 0; min-height: 1.5em }
        </style>
        <form>
        <label>Password <input type="password" name="password" autocomplete="current-password" required autofocus></label>
        <button>Open</button>
        <p role="status"></p>
        <noscript>This page needs JavaScript. Programs send the password as HTTP Basic.</noscript>
        </form>
        <script nonce="\(nonce)">
        const form = document.querySelector("form"), note = document.querySelector("p");
        form.addEventListener("submit", async (event) => {
          event.preventDefault();
          const bytes = new TextEncoder().encode(":" + form.elements.password.value);
          const authorization = "Basic " + btoa(String.fromCharCode(...bytes));
          try {
            const answer = await fetch("\(unlockPath)", { method: "POST", headers: { authorization } });
            if (answer.ok) return location.reload();
            note.textContent = answer.status === 429
              ? "Too many attempts. Try again later." : "That is not the password.";
          } catch {
            note.textContent = "The app can't be reached.";
          }
        });
        </script>
        </html>

        """
    }
}
