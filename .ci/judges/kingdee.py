"""Kingdee's official PyPI package kingdee.cdp.webapi.sdk against the emulated 星空, every call with signed headers."""

import json
import os

from k3cloud_webapi_sdk.main import K3CloudApiSdk

from judge import EMULATOR, check

FORM = "BD_Customer"


def login(user=os.environ["JUDGE_KINGDEE_USER"], secret=os.environ["JUDGE_KINGDEE_SECRET"]):
    url = EMULATOR + "/k3cloud/"
    sdk = K3CloudApiSdk(url)
    sdk.InitConfig(os.environ["JUDGE_KINGDEE_ACCT"], user, os.environ["JUDGE_KINGDEE_APP"], secret, url)
    return sdk


def done(what, text):
    """Checks a document operation's ResponseStatus and returns its Result."""
    result = json.loads(text)["Result"]
    status = result["ResponseStatus"]
    check(what, (status["IsSuccess"], status["Errors"]), (True, []))
    return result


def refused(what, text, says):
    status = json.loads(text)["Result"]["ResponseStatus"]
    check(what, (status["IsSuccess"], says in status["Errors"][0]["Message"]), (False, True))


def rows(sdk, keys, where=""):
    return json.loads(sdk.ExecuteBillQuery({"FormId": FORM, "FieldKeys": keys, "FilterString": where, "OrderString": "FCUSTID", "Limit": 100}))


def model(name, **more):
    return {"FName": name, "FCreateOrgId": {"FNumber": "100"}, "FTRADINGCURRID": {"FNumber": "PRE001"}, **more}


def queries(sdk):
    check("ExecuteBillQuery", rows(sdk, "FNumber,FName"), [["KH1", "华东精密"], ["KH2", "上海 O'Neil 贸易"]])
    check("a quote in the filter", rows(sdk, "FNumber", "FName like '%O''Neil%'"), [["KH2"]])
    found = json.loads(sdk.BillQuery({"FormId": FORM, "FieldKeys": "FNumber,FName", "FilterString": "FNumber='KH1'"}))
    check("BillQuery", found, [{"FNumber": "KH1", "FName": "华东精密"}])
    error = rows(sdk, "FNoSuchField")[0][0]["Result"]["ResponseStatus"]
    check("an unknown field", (error["IsSuccess"], "FNoSuchField" in error["Errors"][0]["Message"]), (False, True))


def views(sdk):
    seen = done("View", sdk.View(FORM, {"Number": "KH1"}))["Result"]
    check("the document", (seen["FNumber"], seen["FName"]), ("KH1", "华东精密"))
    refused("View of nothing", sdk.View(FORM, {"Number": "KH9"}), "KH9")


def saves(sdk):
    saved = done("Save", sdk.Save(FORM, {"Model": model("恒远机械"), "NeedReturnFields": ["FNumber"]}))
    number = saved["Number"]
    check("what was saved", rows(sdk, "FCUSTID,FName,FDocumentStatus", f"FNumber='{number}'"), [[saved["Id"], "恒远机械", "A"]])
    done("Save of a change", sdk.Save(FORM, {"NeedUpDateFields": ["FName"], "Model": {"FCUSTID": saved["Id"], "FName": "恒远重工"}}))
    check("what was changed", rows(sdk, "FName", f"FNumber='{number}'"), [["恒远重工"]])
    refused("Save without a name", sdk.Save(FORM, {"Model": {}}), "客户名称")
    done("BatchSave", sdk.BatchSave(FORM, {"Model": [model("甲"), model("乙")]}))
    check("after BatchSave", len(rows(sdk, "FNumber")), 5)
    return number


def lives(sdk, number):
    named = {"Numbers": [number]}
    for what, step, state in (("Submit", sdk.Submit, "B"), ("Audit", sdk.Audit, "C"), ("UnAudit", sdk.UnAudit, "D")):
        done(what, step(FORM, named))
        check(f"after {what}", rows(sdk, "FDocumentStatus", f"FNumber='{number}'"), [[state]])
    done("Delete", sdk.Delete(FORM, named))
    check("after Delete", rows(sdk, "FName", f"FNumber='{number}'"), [])


def main():
    sdk = login()
    queries(sdk)
    views(sdk)
    lives(sdk, saves(sdk))
    check("the session is kept", sdk.cookiesStore.SID != "", True)
    done("BatchSaveQuery", sdk.BatchSaveQuery(FORM, {"Model": [model("丙")]}))
    for what, stranger in (("another user", login(user="x")), ("another secret", login(secret="x"))):
        error = rows(stranger, "FNumber")[0][0]["Result"]["ResponseStatus"]
        check(what, (error["IsSuccess"], error["MsgCode"]), (False, 1))
    print("ok")


main()
