// On a phone the side bar lies over the page: once a section is chosen, it is in the way.
document.addEventListener("click", ({ target }) => {
  if (target.closest('dialog a[href^="#"]')) target.closest("dialog").close();
});
