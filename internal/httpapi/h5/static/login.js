'use strict';
// Inside DingTalk's client the client itself says who this is; where it does not, the choices of the page stay.
const form = document.querySelector('[data-corp]');
if (form) {
  dd.requestAuthCode({ corpId: form.dataset.corp, clientId: form.dataset.client }).then((answer) => {
    form.elements.code.value = answer.code;
    form.submit();
  }, () => { form.hidden = true; });
}
