// Runs once, as the on-load script of the file field. The file is read here, in the browser, and its bytes are
// sent with the event "upload", so that the server never stores it.
element.addEventListener("change", async (event) => {
  const field = event.target;
  const file = field.files[0];
  if (!file) {
    return;
  }
  const found = { name: file.name, size: file.size, content: "" };
  if (file.size <= Number(field.dataset.limit)) {
    const address = await new Promise((resolve, reject) => {
      const reader = new FileReader();
      reader.onload = () => resolve(reader.result);
      reader.onerror = () => reject(reader.error);
      reader.readAsDataURL(file);
    });
    // data:text/csv;base64,…
    found.content = address.slice(address.indexOf(",") + 1);
  }
  // So that the same file can be chosen again after a change.
  field.value = "";
  trigger("upload", found);
});
