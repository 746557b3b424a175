/** A QR code of `https://gatherer.example/verify`, as a PNG. */
const image =
  'iVBORw0KGgoAAAANSUhEUgAAAGMAAABjCAAAAACqUOFJAAAB2UlEQVR4AbXBUWrtWBAEMFXj/W+5hgMGxzeZvPy0lFo39o19Y9/YN/aNfWPf2Df2jX1j3+WL+EEJdYQSjxI/qMfYN/Zd3uolbnHUrV7qJV7GvrHv8k3c6lMoJdRL3OrT2Df2Xf6mHnEL9W9j39h3+YMSt1JHqD8Z+8a+yzf1KdQtbvVS/2vsG/sub/G/Qh0ljlBH/GbsG/tSfxLqU6h/G/vGvssXcdQRtzrqN6HEox5j39iXeomjHqGEEko86hZHCfUy9o19qUeoW9zqEUcdoYQSj/o09o19ly/qiKOEEuqIR9zqVkcI9TL2jX2Xt7iFEupR4qhbPOIW6jH2jX2pRyihxFFC3UId8agj1BHqZewb+1I/CCWOEo864lZHPOrT2Df2Xb4JJdQRRwkl1FFCqFsJoV7GvrEv9YiXEi/1Ej+oT2Pf2Jf6tzhKKKHEUbdQPxv7xr7LF/GDUuIW6ihxhPrN2Df2Xd7qJY64lfhUtzhKqMfYN/ZdvolbvcQP4lOol7Fv7Lv8QR3xiKPErY44Qj3GvrHv8jehxKPErY5QQr2MfWPf5Zv6FEo8SihxxC1+MPaNfZe3+E2JlxLqFkeox9g39qXWjX1j39g39o19Y9/YN/aNfWPf2PcfHkF/3EOp1EIAAAAASUVORK5CYII=';

export const qrPart = (): string =>
  `Content-Type: image/png; name="code.png"\r\nContent-Disposition: inline; filename="code.png"\r\nContent-Transfer-Encoding: base64\r\n\r\n${image.replaceAll(/.{76}/g, '$&\r\n')}`;
