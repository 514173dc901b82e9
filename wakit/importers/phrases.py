"""
What WhatsApp itself writes in place of messages, in the languages it was seen in.

The wording changes between versions, so this is not the only evidence: iPhones
put a mark in front of their own words, and a bracketed sentence that stands under
many messages is found by its repetition (``contents``). The lists make the first
one of a file right as well. Spelled in lower case, without marks and final dot.
"""

from __future__ import annotations

from wakit.model import MessageType


def _list(text: str) -> tuple[str, ...]:
    return tuple(text.strip().replace("\n", "|").split("|"))


#: Stands for media of any kind.
OMITTED = frozenset(
    _list("""
media weggelaat|تم استبعاد الوسائط|media buraxıldı|media çıxarılmışdır|без файл|mitjans omesos
fitxers multimèdia omesos|média vynechány|média vynechána|média vynecháno|medier udeladt|mediefil udeladt
medien ausgeschlossen|medien weggelassen|αρχείο παραλήφθηκε|εξαίρεση πολυμέσων|media omitted|media excluded
multimedia omitido|archivo omitido|medios omitidos|meedia välja jäetud|meedia ära jäetud|رسانه حذف شد
media jätettiin pois|media jätetty pois|médias omis|fichier omis|मीडिया के बिना|medijski zapis izostavljen
média elhagyva|hiányzó médiafájl|media tidak disertakan|media omessi|media omesso|המדיה לא נכללה|מדיה הושמטה
メディアなし|メディアは含まれていません|файлдар қосылмаған|файл қосылған жоқ|미디어 파일 제외됨
미디어 파일을 생략한 대화내용|medija praleista|praleistas medijos turinys|nav iekļauta multivide|bez multivides
без фајлови|без фајл|മീഡിയ ഒഴിവാക്കി|मीडिया वगळले|media dikecualikan|media disingkirkan|media utelatt|uten vedlegg
media weggelaten|pominięto multimedia|pliki pominięto|multimedia pominięto|ficheiro não revelado|mídia omitida
mídia oculta|arquivo de mídia oculto|arquivos de mídia ocultos|conținut media omis|без медиафайлов|файл пропущен
médiá vynechané|datoteke izpuščene|medij izpuščen|media u hoq|media hequr|медији су изостављени|media utelämnat
media har utelämnats|media hazijajumuishwa|கோப்புகள் விடப்பட்டன|మీడియా విస్మరించబడింది|ไฟล์สื่อถูกลบ|สื่อถูกลบ
inalis ang media|walang kalakip na media|medya dahil edilmedi|medya atlanmış|медіа пропущено|میڈیا چھوڑ دیا گیا
bỏ qua tệp phương tiện|bỏ qua media|忽略多媒體檔|省略多媒体文件|媒體檔案已略去|view once voice message omitted
video message omitted|video note omitted
""")
)

#: Stands for media of one kind.
OMITTED_KINDS: dict[str, MessageType] = {
    phrase: kind
    for kind, phrases in {
        MessageType.IMAGE: _list("""
image omitted|imagen omitida|imagem ocultada|imagem omitida|imagem não revelada|bild weggelassen|image absente
image omise|immagine omessa|afbeelding weggelaten|изображение отсутствует|изображение пропущено|зображення відсутнє
obrázek vynechán|لم يتم إدراج الصورة|फ़ोटो हटाई गई|gambar tidak disertakan|画像は含まれていません|ไม่มีรูปภาพ
đã bỏ qua hình ảnh|görüntü dahil edilmedi|obraz został pominięty|bild utelämnad|billede udeladt|bilde utelatt
kuva jätetty pois|이미지 제외됨|图像已忽略|略過圖片
"""),
        MessageType.VIDEO: _list("""
video omitted|gif omitted|video omitido|vídeo omitido|vídeo ocultado|gif omitido|gif ocultado|vídeo não revelado
gif não revelada|video weggelassen|gif weggelassen|vidéo absente|vidéo omise|gif retiré|video omesso|gif esclusa
video weggelaten|gif weggelaten|видео отсутствует|видео пропущено|gif отсутствует|відео відсутнє
gif-анімацію пропущено|video vynecháno|gif vynechán|لم يتم إدراج الفيديوهات|لم يتم إدراج صورة gif|वीडियो छोड़ा गया
gif छोड़ा गया|video tidak disertakan|gif tidak disertakan|ビデオは含まれていません|gifは含まれていません|วิดีโอถูกลบ
ละเว้น gif|đã bỏ video|đã bỏ qua ảnh gif|video dahil edilmedi|gif dahil edilmedi|video note omitted
nota de video omitida|wideo zostało pominięte|视频已忽略|略過影片|동영상 제외됨
"""),
        MessageType.AUDIO: _list("""
audio omitted|audio omitido|áudio omitido|áudio ocultado|ficheiro de áudio não revelado|audio weggelassen|audio omis
audio omesso|audio weggelaten|аудиофайл отсутствует|аудио пропущено|аудіо відсутнє|zvukový soubor vynechán
لم يتم إدراج المقاطع الصوتية|ऑडियो हटाई गयी|audio tidak disertakan|音声は含まれていません|ไม่มีไฟล์เสียง
bỏ qua tệp âm thanh|ses dahil edilmedi|plik audio pominięto|音频已忽略|略過音訊|오디오 제외됨
"""),
        MessageType.STICKER: _list("""
sticker omitted|sticker omitido|figurinha omitida|sticker não revelado|sticker weggelassen|sticker omis
sticker non incluso|sticker weggelaten|стикер не добавлен|стикер пропущен|наклейку не додано|nálepka vynechána
تم حذف الملصقات|स्टिकर छोड़ा गया|stiker tidak disertakan|スタンプは含まれていません|ไม่มีสติกเกอร์|đã bỏ sticker
çıkartma dahil edilmedi|naklejka została pominięta|忽略贴图|忽略貼圖|스티커 제외됨
"""),
        MessageType.DOCUMENT: _list("""
document omitted|documento omitido|documento não revelado|dokument weggelassen|document manquant|document omis
documento omesso|document weggelaten|документ отсутствует|документ пропущен|документ пропущено|dokument vynechán
لم يتم إدراج المستند|डॉक्यूमेंट छोड़ा गया|dokumen tidak disertakan|ドキュメントは含まれていません|ละเว้นเอกสาร
đã bỏ qua tài liệu|belge dahil edilmedi|文档已忽略|略過文件|문서 제외됨
"""),
        MessageType.CONTACT: _list("""
contact card omitted|tarjeta de contacto omitida|contato omitido|cartão do contato omitido|contacto não revelado
kontaktkarte ausgelassen|kontaktkarte weggelassen|fiche contact manquante|fiche contact omise|scheda contatto omessa
contactkaart weggelaten|карточка контакта отсутствует|картка контакту відсутня|vizitka vynechána
لم يتم إدراج بطاقة جهة اتصال|कॉन्टैक्ट कार्ड छोड़ा गया|kartu kontak tidak disertakan|連絡先カードを省略
บัตรรายชื่อที่ละเว้น|bỏ qua thẻ liên lạc|kişi kartı dahil edilmedi
"""),
    }.items()
    for phrase in phrases
}

#: A message that was taken back, by its sender or by us.
DELETED = frozenset(
    _list("""
this message was deleted|you deleted this message|this message was deleted by admin|deleted by admin
se eliminó este mensaje|eliminaste este mensaje|este mensaje fue eliminado|este mensaje se eliminó
has eliminado este mensaje|mensaje eliminado|mensagem apagada|esta mensagem foi apagada|você apagou esta mensagem
apagou esta mensagem|esta mensagem foi eliminada|eliminou esta mensagem|mensagem eliminada
diese nachricht wurde gelöscht|du hast diese nachricht gelöscht|ce message a été supprimé
vous avez supprimé ce message|questo messaggio è stato eliminato|hai eliminato questo messaggio
dit bericht is verwijderd|u hebt dit bericht verwijderd|je hebt dit bericht verwijderd|данное сообщение удалено
вы удалили данное сообщение|это сообщение удалено|вы удалили это сообщение|це повідомлення було видалено
ви видалили це повідомлення|цей запис видалено|tato zpráva byla odstraněna|tuto zprávu jste odstranil/a
tato zpráva byla smazána|tuto zprávu jste smazal/a|تم حذف هذه الرسالة|لقد حذَفت هذه الرسالة|أنت حذفت هذه الرسالة
यह मैसेज डिलीट कर दिया गया है|आपने यह मैसेज डिलीट किया|pesan ini dihapus|pesan ini telah dihapus
anda menghapus pesan ini|このメッセージは削除されました|このメッセージを削除しました|ข้อความนี้ถูกลบแล้ว
คุณได้ลบข้อความนี้|tin nhắn này đã bị xóa|bạn đã xoá tin nhắn này|bạn đã xóa tin nhắn này|bu mesaj silindi
bu mesajı sildiniz|usunięto tę wiadomość|ta wiadomość została usunięta|usunąłeś tę wiadomość|usunięto wiadomość
tämä viesti poistettiin|poistit tämän viestin|detta meddelande raderades|du raderade detta meddelande
denne besked blev slettet|du slettede denne besked|denne meldingen ble slettet|du slettet denne meldingen
acest mesaj a fost șters|ați șters acest mesaj|ai șters acest mesaj|ez az üzenet törlésre került
ezt az üzenetet törölted|αυτό το μήνυμα διαγράφηκε|διαγράψατε αυτό το μήνυμα|הודעה זו נמחקה|מחקת את ההודעה הזו
מחקת הודעה זו|此消息已删除|您删除了这条消息|你已刪除此訊息|此訊息已刪除|삭제된 메시지입니다
aquest missatge s'ha eliminat|heu eliminat aquest missatge
""")
)

#: Behind a text that was changed later, in angle brackets.
EDITED = frozenset(
    _list("""
this message was edited|message edited|se editó este mensaje|mensaje editado|editaste este mensaje|mensagem editada
diese nachricht wurde bearbeitet|nachricht bearbeitet|ce message a été modifié|questo messaggio è stato modificato
messaggio modificato|dit bericht is bewerkt|данное сообщение изменено|сообщение изменено|це повідомлення змінено
tato zpráva byla upravena|pesan ini diedit|bu mesaj düzenlendi|wiadomość została edytowana|edytowano wiadomość
tämä viesti on muokattu|tätä viestiä muokattiin|detta meddelande har redigerats|beskeden blev redigeret
denne meldingen ble redigert|acest mesaj a fost editat|ezt az üzenetet szerkesztették|ההודעה נערכה
تم تعديل هذه الرسالة|यह मैसेज एडिट किया गया|此消息已编辑|這則訊息已編輯|このメッセージは編集されました
수정된 메시지입니다|tin nhắn này đã được chỉnh sửa|ข้อความนี้ถูกแก้ไขแล้ว
""")
)

#: Behind the name of a file that Android put beside the text, in parentheses.
ATTACHED = frozenset(
    _list("""
file attached|archivo adjunto|arquivo anexado|ficheiro anexado|datei angehängt|fichier joint|file allegato|allegato
bestand bijgevoegd|файл добавлен|файл прикріплено|файл додано|soubor byl přiložen|súbor bol priložený|dosya ekli
file terlampir|plik dołączony|załączono plik|tiedosto liitetty|bifogad fil|fil bifogad|vedhæftet fil|fil vedhæftet
vedlagt fil|fil lagt ved|fișier atașat|fájl csatolva|συνημμένο αρχείο|επισυνάφθηκε αρχείο|הקובץ מצורף|קובץ מצורף
ملف مرفق|الملف مرفق|फ़ाइल संलग्न है|फ़ाइल अटैच की गई|添付ファイル|文件附件|文件已附加|檔案已附加|파일 첨부
파일 첨부됨|tệp đính kèm|tập tin đính kèm|แนบไฟล์|fitxer adjunt|arxiu adjunt|файл прикачен|datoteka priložena
priložena datoteka|fail lampiran|fail dilampirkan
""")
)

#: How a call begins that took place or did not; length and outcome may follow.
CALLS = _list("""
missed voice call|missed video call|missed group voice call|missed group video call|voice call|video call
silenced voice call|silenced video call|group voice call|group video call|llamada perdida|llamada de voz perdida
videollamada perdida|llamada de voz|videollamada|llamada grupal perdida|videollamada grupal perdida
chamada de voz perdida|chamada de vídeo perdida|ligação de voz perdida|ligação de vídeo perdida|chamada de voz
chamada de vídeo|ligação de voz|ligação de vídeo|verpasster sprachanruf|verpasster videoanruf|sprachanruf|videoanruf
appel vocal manqué|appel vidéo manqué|appel vocal|appel vidéo|chiamata vocale persa|videochiamata persa
chiamata vocale|videochiamata|gemiste spraakoproep|gemiste video-oproep|spraakoproep|video-oproep
пропущенный аудиозвонок|пропущенный видеозвонок|аудиозвонок|видеозвонок|zmeškaný hovor|zmeškaný videohovor
cevapsız sesli arama|cevapsız görüntülü arama|panggilan suara tak terjawab|panggilan video tak terjawab
nieodebrane połączenie głosowe|nieodebrane połączenie wideo
""")

#: A message that the exporting phone could not read.
UNDECRYPTABLE = (
    "waiting for this message",
    "esperando este mensaje",
    "esperando a recibir este mensaje",
    "aguardando mensagem",
    "aguardando esta mensagem",
    "warte auf diese nachricht",
    "auf diese nachricht warten",
    "en attente de ce message",
    "in attesa del messaggio",
)

#: First words of a poll; its options follow, one a line.
POLLS = frozenset({"poll", "encuesta", "enquete", "sondagem", "umfrage", "sondage", "sondaggio", "опрос", "anket", "polling"})

#: A place that is shared for a while; the export has no coordinates.
LIVE_LOCATIONS = frozenset(
    _list("""
live location shared|ubicación en tiempo real compartida|se compartió la ubicación en tiempo real
localização em tempo real compartilhada|localização em tempo real partilhada|live-standort wird geteilt
live-standort geteilt|localisation en direct partagée|posizione attuale condivisa|posizione in tempo reale condivisa
live locatie gedeeld|трансляция геоданных
""")
)

#: How WhatsApp's notices begin where they carry somebody's name as if that had said it.
NOTICES = (
    "messages and calls are end-to-end encrypted",
    "messages and calls are now end-to-end encrypted",
    "messages you send to this",
    "messages to this",
    "messages in this",
    "los mensajes y las llamadas están cifrados",
    "los mensajes y llamadas están cifrados",
    "los mensajes que envíes en este",
    "as mensagens e as chamadas são protegidas",
    "as mensagens e as ligações são protegidas",
    "nachrichten und anrufe sind ende-zu-ende",
    "les messages et les appels sont chiffrés",
    "i messaggi e le chiamate sono crittografati",
    "berichten en gesprekken",
    "сообщения и звонки защищены",
)

#: What stands before the name of the chat in the name of the file.
FILE_NAMES = (
    "whatsapp chat with ",
    "whatsapp chat - ",
    "chat de whatsapp con ",
    "chat de whatsapp - ",
    "conversa do whatsapp com ",
    "conversa no whatsapp com ",
    "whatsapp chat mit ",
    "discussion whatsapp avec ",
    "chat whatsapp con ",
    "chat whatsapp s uživatelem ",
    "whatsapp-chat met ",
    "чат whatsapp с контактом ",
    "чат whatsapp с ",
    "whatsapp-keskustelu: ",
    "whatsapp-chatt med ",
    "whatsapp-chat med ",
    "czat whatsapp z użytkownikiem ",
    "czat whatsapp z ",
    "chat whatsapp dengan ",
    "ile whatsapp sohbeti ",
    "xat de whatsapp amb ",
)
