package wire

// dictID names the dictionary in a message. A changed dictionary gets another
// number, and the old one stays readable.
const dictID = 1

// dictionary is what entries usually look like, so that even a message of two
// entries is small. Frozen.
const dictionary = `{"by":"","day":"2026-11-23","fact":{"details":{"birth":"1985","commune":"","ethnic":"","identity":"","language":"vi","name":"","note":"","phone":"","sex":"male","village":""},"code":"","patient":"","day":"2026-11-23"},"form":"","hlc":"17","kind":"patient.registered","rules":1,"seq":1,"site":"","v":1}` +
	`{"amount_ug":60000,"first":"2026-11-23","last":"2026-12-22","order":"","patient":"","phase":"maintenance","reason":""},"kind":"order.written"` +
	`{"order":"","patient":""},"kind":"order.signed"{"confirmed_by":"","day":"2026-11-23"},"kind":"daybook.opened"` +
	`{"bottle":"","day":"","book_ul":0,"measured_ul":0,"witness":"","why":""},"kind":"stock.counted"{"cause":"absent","day":"","patient":""},"kind":"dose.missed"` +
	`{"dose":"","patient":"","outcome":"unknown","note":""},"kind":"dose.answered"{"patient":"","part":"record"},"kind":"access.seen"` +
	`{"person":"","station":"window 1"},"kind":"staff.signed_in"` + "\n— \n" +
	`{"by":"","day":"2026-11-23","fact":{"dose":"","patient":""},"form":"","hlc":"1795400000000.0","kind":"dose.swallowed","rules":1,"seq":1000,"site":"","v":1}` +
	`{"by":"","day":"2026-11-23","fact":{"amount_ug":85000,"day":"2026-11-23","dose":"","draws":[{"bottle":"","volume_ul":8500}],"order":"","patient":"","station":"window 1","volume_ul":8500},` +
	`"form":"","hlc":"1795400000000.0","kind":"dose.poured","rules":1,"seq":1000,"site":"","v":1}`
