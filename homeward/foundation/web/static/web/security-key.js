// Asks the browser for a security key when its button is pressed, and says so on the page when that fails.
const options = JSON.parse(document.getElementById("js_data").textContent);

for (const button of document.querySelectorAll("[data-security-key]")) {
  const complaint = document.getElementById(button.getAttribute("aria-describedby"));
  button.addEventListener("click", async (event) => {
    event.preventDefault();
    complaint.hidden = true;
    try {
      const credential = await ask(button.dataset.securityKey);
      button.form.querySelector("[name=credential]").value = JSON.stringify(credential);
      button.form.submit();
    } catch {
      complaint.hidden = false;
    }
  });
}

function ask(what) {
  if (what === "show") {
    return window.webauthnJSON.get(options.request_options);
  }
  const wanted = structuredClone(options.creation_options);
  // A key beside the password: nothing about the account has to be stored on it.
  Object.assign(wanted.publicKey.authenticatorSelection, { residentKey: "discouraged", requireResidentKey: false });
  return window.webauthnJSON.create(wanted);
}
