package sheet

import (
	"errors"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestAmountsAsPeopleWriteThem(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"1250": "1250", "1,250.50": "1250.5", "１，２５０．５": "1250.5", "￥1,200": "1200", "¥ 1200元": "1200", "人民币1200元整": "1200", "RMB 5": "5", "CNY5": "5",
		"1.2万": "12000", "3.5万元": "35000", "1亿2000万": "120000000", "1亿": "100000000", "2百万": "2000000", "3千": "3000", "5w": "50000",
		"(300)": "-300", "（300.5）": "-300.5", "-300": "-300", "300-": "-300", "-￥300": "-300", "+7": "7", "1.2e3": "1200", "1E+3": "1000", "0.1": "0.1", "129.696": "129.696",
		"": "", "-": "", "—": "", "/": "", "无": "", ".5": "0.5", "0.0000005": "0.000001", "1000000000000": "1000000000000",
	} {
		d, ok, err := parseAmount(in)
		got := ""
		if ok {
			got = d.String()
		}
		if err != nil || got != want {
			t.Errorf("%q = %q, %v; want %q", in, got, err, want)
		}
	}
}

func TestWhatIsNoAmountIsRefused(t *testing.T) {
	t.Parallel()
	for in, why := range map[string]error{
		"12,50": badCommas, "1,2345": badCommas, "1.2,3": badCommas, ",5": badCommas, "$100": foreign, "100 USD": foreign, "HK$5": foreign, "abc": notNumber, "1-2": notNumber,
		"1.2.3": notNumber, "12万3亿": notNumber, "1000000000001": tooMuch, "20000亿": tooMuch, "1e999999999": notNumber, "约100": notNumber, "#N/A": notNumber, "e": notNumber, "1/3": notNumber, "0x10": notNumber,
	} {
		if d, _, err := parseAmount(in); !errors.Is(err, why) {
			t.Errorf("%q = %v, %v; want %v", in, d, err, why)
		}
	}
}

func TestAmountsComeBackAsTheyWereWritten(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := decimal(rapid.Int64Range(-maxWhole*decimalUnit, maxWhole*decimalUnit).Draw(t, "d"))
		got, _, err := parseAmount(d.String())
		if err != nil || got != d {
			t.Fatalf("%s = %s, %v", d, got, err)
		}
	})
}

func TestSharesAndUnits(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"35%": "0.35", "12.5％": "0.125", "7": "7", "-3%": "-0.03"} {
		if d, _, err := parseNumber(in); err != nil || d.String() != want {
			t.Errorf("%q = %s, %v; want %s", in, d, err, want)
		}
	}
	for header, want := range map[string]int64{"金额（万元）": 1e4, "金额(元)": 1, "金额": 1, "年营收(亿元)": 1e8, "金额 [千元]": 1, "合同额（千元）": 1e3, "金额(含税)": 1, "金额 单位:万元": 1e4} {
		if got := headerFactor(header); got != want {
			t.Errorf("%q: factor %d, want %d", header, got, want)
		}
	}
}

func TestDatesAsPeopleWriteThem(t *testing.T) {
	t.Parallel()
	zone := time.FixedZone("CST", 8*3600)
	for in, want := range map[string]string{
		"2026/3/2": "2026-03-02 00:00:00", "2026-03-02": "2026-03-02 00:00:00", "2026.3.2": "2026-03-02 00:00:00", "2026年3月2日": "2026-03-02 00:00:00", "２０２６年３月２号": "2026-03-02 00:00:00",
		"20260302": "2026-03-02 00:00:00", "2026 年 3 月 2 日": "2026-03-02 00:00:00", "2026/3/2 8:05": "2026-03-02 08:05:00", "2026-03-02 08:05:06": "2026-03-02 08:05:06",
		"2026-03-02T08:05:06": "2026-03-02 08:05:06", "2026年3月2日下午3:05": "2026-03-02 15:05:00", "2026-03-02 12:00 AM": "2026-03-02 00:00:00", "2026-03-02 08:05:06.123": "2026-03-02 08:05:06",
		"2026-03-01T16:00:00Z": "2026-03-02 00:00:00", "20260302080506": "2026-03-02 08:05:06", "25/3/2026": "2026-03-25 00:00:00", "3/25/2026": "2026-03-25 00:00:00", "3/3/2026": "2026-03-03 00:00:00",
		"2 Mar 2026": "2026-03-02 00:00:00", "Mar 2, 2026": "2026-03-02 00:00:00", "2026年3月2日 星期一": "2026-03-02 00:00:00", "2026-02-29": "", "2026-13-01": "", "3/2/2026": "", "3/2/26": "",
		"26/3/2": "", "43891": "", "昨天": "", "2026-03": "", "1800-01-01": "", "2026-03-02 25:00": "", "0": "", "2024-02-29": "2024-02-29 00:00:00",
	} {
		got, ok, err := dates{zone: zone}.parse(in)
		text := ""
		if ok {
			text = got.In(zone).Format(time.DateTime)
		}
		if text != want || (err != nil) != (want == "") {
			t.Errorf("%q = %q, %v; want %q", in, text, err, want)
		}
	}
}

func TestAnAmbiguousDateNamesItsReadings(t *testing.T) {
	t.Parallel()
	_, _, err := dates{zone: time.UTC}.parse("3/2/26")
	for _, reading := range []string{"2026-03-02", "2026-02-03"} {
		if err == nil || !strings.Contains(err.Error(), reading) {
			t.Errorf("%v does not name %s", err, reading)
		}
	}
	for format, want := range map[string]string{"D/M/YY": "2026-02-03", "M/D/YY": "2026-03-02", "YY/M/D": "2003-02-26"} {
		l, err := parseLayout(format)
		if err != nil {
			t.Fatal(err)
		}
		if got, _, err := (dates{zone: time.UTC, layouts: []dateLayout{l}}).parse("3/2/26"); err != nil && format != "YY/M/D" || err == nil && got.Format(time.DateOnly) != want {
			t.Errorf("%s: %v, %v; want %s", format, got, err, want)
		}
	}
	for _, format := range []string{"", "D/M", "YYYY", "abc"} {
		if _, err := parseLayout(format); err == nil {
			t.Errorf("format %q was taken", format)
		}
	}
}

func TestExcelsDayNumbers(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		serial float64
		epoch  epoch
		want   string
	}{
		{1, epoch1900, "1900-01-01 00:00:00"}, {59, epoch1900, "1900-02-28 00:00:00"}, {61, epoch1900, "1900-03-01 00:00:00"}, {43891, epoch1900, "2020-03-01 00:00:00"},
		{43891.5, epoch1900, "2020-03-01 12:00:00"}, {43891 - 1462, epoch1904, "2020-03-01 00:00:00"}, {43891.999994, epoch1900, "2020-03-01 23:59:59"},
	} {
		if got, ok := serialDate(tt.serial, tt.epoch); !ok || got.Format(time.DateTime) != tt.want {
			t.Errorf("%v = %v, %v; want %s", tt.serial, got, ok, tt.want)
		}
	}
	for _, bad := range []float64{-1, 200_000} {
		if _, ok := serialDate(bad, epoch1900); ok {
			t.Errorf("%v was taken for a day", bad)
		}
	}
}

func TestPhones(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"13812345678": "13812345678", "138 1234 5678": "13812345678", "138-1234-5678": "13812345678", "+86 13812345678": "13812345678", "0086-13812345678": "13812345678", "8613812345678": "13812345678",
		"１３８１２３４５６７８": "13812345678", "0512-62881234": "0512-62881234", "(0512)62881234": "0512-62881234", "051262881234": "0512-62881234", "010-62881234": "010-62881234", "+86 512 62881234": "0512-62881234",
		"0512-62881234-8001": "0512-62881234-8001", "0512-62881234转8001": "0512-62881234-8001", "400-820-8820": "4008208820", "62881234": "62881234", "+1 555 123 4567": "+15551234567",
		"0512-62881234；13812345678": "13812345678", "13812345678/13912345678": "13812345678",
	} {
		if got, err := parsePhone(in); err != nil || got != want {
			t.Errorf("%q = %q, %v; want %q", in, got, err, want)
		}
	}
	for in, why := range map[string]error{"1.38E+10": cutPhone, "1.38123e10": cutPhone, "51262881234": lostZero, "1062881234": lostZero, "1381234567": notPhone, "12345678901": notPhone, "abc": notPhone, "123": notPhone} {
		if got, err := parsePhone(in); !errors.Is(err, why) {
			t.Errorf("%q = %q, %v; want %v", in, got, err, why)
		}
	}
}

func FuzzDate(f *testing.F) {
	for _, s := range []string{"2026/3/2", "3/2/26", "2026年3月2日 下午3点", "20260302080506", "1e9", "2 Mar 2026"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, ok, err := dates{zone: time.UTC}.parse(s)
		if ok && (err != nil || got.Year() < 1899 || got.Year() > 2201) {
			t.Errorf("%q = %v, %v", s, got, err)
		}
	})
}

func FuzzAmount(f *testing.F) {
	for _, s := range []string{"1,250.5", "1亿2000万", "(3)", "1e30", "￥-5元"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, ok, err := parseAmount(s)
		if !ok || err != nil {
			return
		}
		if again, _, err := parseAmount(d.String()); err != nil || again != d {
			t.Errorf("%q = %s, which reads as %s, %v", s, d, again, err)
		}
	})
}
